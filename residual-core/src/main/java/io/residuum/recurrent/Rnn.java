package io.residuum.recurrent;

import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;

/**
 * A plain recurrent network (Elman 1990), {@code (N, T, C) -> (N, T, units)}: {@code h(t+1) = f(W
 * x(t) + U h(t) + b)}.
 *
 * @param units the size of a state
 * @param activation the activation. Default: tanh
 * @param layers the number of layers. Default: 1
 * @param direction the order of the positions. Default: forward
 * @param output the outputs of all steps, or of the last one. Default: sequence
 * @param dropout the dropout rate between layers. Default: 0
 * @param firstStates true to read the first states of each layer after the sequences, false for
 *     zeros. Default: false
 * @param lastStates true to return the last states of each layer after the output. Default: false
 */
@WithBuilder
@TypeName("rnn")
public record Rnn(
        @Default("\"\"") String name,
        int units,
        @Default("\"tanh\"") ActivationSpec activation,
        @Default("1") int layers,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("0.0") double dropout,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements RecurrentFamily, RnnBuilder.With {
    public Rnn {
        RecurrentFamily.check(units, layers, dropout);
    }

    /**
     * {@return a builder of a plain recurrent network with one layer, with all other settings at
     * their defaults}
     *
     * @param name its name; may be empty
     * @param units the size of a state
     */
    public static RnnBuilder builder(String name, int units) {
        return Defaults.fill(RnnBuilder.builder()).name(name).units(units);
    }

    @Override
    public LayerSpec cell() {
        return Cells.rnn(units, activation, init());
    }
}
