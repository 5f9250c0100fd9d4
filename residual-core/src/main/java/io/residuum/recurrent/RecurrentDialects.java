package io.residuum.recurrent;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import io.residuum.weights.dialect.Rule;
import io.residuum.weights.dialect.TensorNames;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps PyTorch's names of the weights of {@code LSTM}, {@code GRU} and {@code RNN} to those of our
 * stacks. Other layers keep their names.
 */
public final class RecurrentDialects implements DialectProvider {

    @Override
    public List<Dialect> dialects() {
        List<Rule> rules = new ArrayList<>();
        for (String prefix : List.of("*.", "")) {
            for (Direction direction : List.of(Direction.FORWARD, Direction.BACKWARD)) {
                for (String map : List.of("ih", "hh")) {
                    for (String kind : List.of("weight", "bias")) {
                        rules.add(rule(prefix, direction, map, kind));
                    }
                }
            }
        }
        rules.add(Rule.renaming(TensorNames.of("*"), TensorNames.of("*")));
        return List.of(
                Dialect.of(
                        "pytorch",
                        "recurrent",
                        "the names of torch.nn.LSTM, GRU and RNN, and our own names of other"
                                + " layers",
                        rules,
                        List.of()));
    }

    private static Rule rule(String prefix, Direction direction, String map, String kind) {
        String cell = direction.cells().get(0);
        String end = direction == Direction.BACKWARD ? "_reverse" : "";
        return Rule.renaming(
                TensorNames.of("%sl{n}.%s.%s.%s".formatted(prefix, cell, map, kind)),
                TensorNames.of("%s%s_%s_l{n}%s".formatted(prefix, kind, map, end)));
    }
}
