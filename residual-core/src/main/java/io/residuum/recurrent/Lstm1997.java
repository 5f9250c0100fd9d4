package io.residuum.recurrent;

import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;

/**
 * Long short-term memory without a forget gate (Hochreiter and Schmidhuber 1997), {@code (N, T, C)
 * -> (N, T, units)}. The memory is a residual stream over time: {@code c(t+1) = c(t) + F(x(t),
 * h(t))}. Gradients are complete, while the paper cuts those of the gates.
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
@TypeName("lstm1997")
public record Lstm1997(
        @Default("\"\"") String name,
        int units,
        @Default("1") int layers,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("0.0") double dropout,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements RecurrentFamily, Lstm1997Builder.With {
    public Lstm1997 {
        RecurrentFamily.check(units, layers, dropout);
    }

    /**
     * {@return a builder of an LSTM of 1997 with one layer, with all other settings at their
     * defaults}
     *
     * @param name its name; may be empty
     * @param units the size of a state
     */
    public static Lstm1997Builder builder(String name, int units) {
        return Defaults.fill(Lstm1997Builder.builder()).name(name).units(units);
    }

    @Override
    public List<String> stateNames() {
        return List.of("h", "c");
    }

    @Override
    public LayerSpec cell() {
        return Cells.lstm1997(units, init());
    }
}
