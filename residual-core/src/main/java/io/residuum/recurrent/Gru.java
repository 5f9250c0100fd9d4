package io.residuum.recurrent;

import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;

/**
 * A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), {@code (N, T, C) -> (N, T, units)}.
 * Gates and weights are those of PyTorch, where the reset gate multiplies the product.
 *
 * @param units the size of a state
 * @param layers the number of layers. Default: 1
 * @param direction the order of the positions. Default: forward
 * @param output the outputs of all steps, or of the last one. Default: sequence
 * @param dropout the dropout rate between layers. Default: 0
 * @param firstStates true to read the first states of each layer after the sequences, false for
 *     zeros. Default: false
 * @param lastStates true to return the last states of each layer after the output. Default: false
 */
@WithBuilder
@TypeName("gru")
public record Gru(
        @Default("\"\"") String name,
        int units,
        @Default("1") int layers,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("0.0") double dropout,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements RecurrentFamily, GruBuilder.With {
    public Gru {
        RecurrentFamily.check(units, layers, dropout);
    }

    /**
     * {@return a builder of a GRU with one layer, with all other settings at their defaults}
     *
     * @param name its name; may be empty
     * @param units the size of a state
     */
    public static GruBuilder builder(String name, int units) {
        return Defaults.fill(GruBuilder.builder()).name(name).units(units);
    }

    @Override
    public LayerSpec cell() {
        return Cells.gru(units, init());
    }
}
