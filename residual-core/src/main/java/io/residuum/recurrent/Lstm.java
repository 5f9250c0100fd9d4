package io.residuum.recurrent;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;

/**
 * Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000),
 * {@code (N, T, C) -> (N, T, units)}. Gates and weights are those of PyTorch.
 *
 * @param units the size of a state
 * @param forgetBias the initial bias of the forget gate. Positive values keep the memory at the
 *     start of training. Default: 1
 * @param layers the number of layers. Default: 1
 * @param direction the order of the positions. Default: forward
 * @param output the outputs of all steps, or of the last one. Default: sequence
 * @param dropout the dropout rate between layers. Default: 0
 * @param firstStates true to read the first states of each layer after the sequences, false for
 *     zeros. Default: false
 * @param lastStates true to return the last states of each layer after the output. Default: false
 */
@WithBuilder
@TypeName("lstm")
public record Lstm(
        @Default("\"\"") String name,
        int units,
        @Default("1.0") double forgetBias,
        @Default("1") int layers,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("0.0") double dropout,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements RecurrentFamily, LstmBuilder.With {
    public Lstm {
        RecurrentFamily.check(units, layers, dropout);
        Check.finite("forgetBias", forgetBias);
    }

    /**
     * {@return a builder of an LSTM with one layer, with all other settings at their defaults}
     *
     * @param name its name; may be empty
     * @param units the size of a state
     */
    public static LstmBuilder builder(String name, int units) {
        return Defaults.fill(LstmBuilder.builder()).name(name).units(units);
    }

    @Override
    public List<String> stateNames() {
        return List.of("h", "c");
    }

    @Override
    public LayerSpec cell() {
        return Cells.lstm(units, forgetBias, init());
    }
}
