package io.residuum.recurrent;

import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;

/**
 * A recurrent network whose step is a residual unit with weights that all steps share (Liao and
 * Poggio 2016, arXiv:1604.03640), {@code (N, T, C) -> (N, T, units)}: {@code y = h(t) + W x(t)} and
 * {@code h(t+1) = y + F(y)}.
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
@TypeName("residualRnn")
public record ResidualRnn(
        @Default("\"\"") String name,
        int units,
        @Default("\"tanh\"") ActivationSpec activation,
        @Default("1") int layers,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("0.0") double dropout,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements RecurrentFamily, ResidualRnnBuilder.With {
    public ResidualRnn {
        RecurrentFamily.check(units, layers, dropout);
    }

    /**
     * {@return a builder of a residual recurrent network with one layer, with all other settings at
     * their defaults}
     *
     * @param name its name; may be empty
     * @param units the size of a state
     */
    public static ResidualRnnBuilder builder(String name, int units) {
        return Defaults.fill(ResidualRnnBuilder.builder()).name(name).units(units);
    }

    @Override
    public LayerSpec cell() {
        return Cells.residual(units, activation, init());
    }
}
