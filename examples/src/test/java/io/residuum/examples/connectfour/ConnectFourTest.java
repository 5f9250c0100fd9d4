package io.residuum.examples.connectfour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example with fewer positions and a smaller tower. */
class ConnectFourTest {
    private static final ConnectFour.Size SMALL = new ConnectFour.Size(2_000, 200);

    private static final Solver SOLVER = new Solver();

    @TempDir private Path folder;

    static List<EngineChoice> engines() {
        return Engines.all();
    }

    private static ModelSpec spec() throws IOException {
        String file = Files.readString(Path.of("specs", "connect-four.json"));
        String small = file.replace("\"times\": 4", "\"times\": 1").replace(": 32,", ": 16,");
        return SpecJson.standard().parse(small, "small", ModelSpec.class);
    }

    private static Recipe recipe() {
        return SpecJson.standard()
                .read(Path.of("recipes", "connect-four.json"), Recipe.class)
                .with()
                .epochs(4)
                .batch(32)
                .compile(false) // would take longer than these few steps
                .build();
    }

    /** The untrained network is the control: what it cannot do, training has taught. */
    @ParameterizedTest
    @MethodSource("engines")
    void bothHeadsLearn(EngineChoice engine) throws IOException {
        Backend backend = Engines.backend(engine);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConnectFour.Result trained =
                ConnectFour.run(
                        backend,
                        spec(),
                        recipe(),
                        folder,
                        SMALL,
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        List<Position> unseen =
                Positions.draw(SOLVER, SMALL.positions(), ConnectFour.SEED).unseen();
        try (Network network = Network.create(spec(), backend, recipe().seed())) {
            ConnectFour.Result untrained =
                    ConnectFour.measure(new NetworkPlayer(network), SOLVER, unseen, SMALL);
            assertTrue(trained.moves() > untrained.moves(), trained + "\n" + untrained);
            assertTrue(trained.values() > untrained.values() + 0.1, trained + "\n" + untrained);
            assertTrue(
                    3 * lost(trained, "random") < 2 * lost(untrained, "random"),
                    trained + "\n" + untrained);
        }
        assertEquals(0, won(trained, "perfect"));
        assertTrue(Files.exists(new RunFolder(folder).report()));
        String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("epoch 4: loss "), text);
        assertEquals(4, text.lines().filter(line -> line.endsWith(" lost of 200")).count(), text);
    }

    private static Stream<Arena.Score> scores(ConnectFour.Result result, String opponent) {
        return result.matches().stream()
                .filter(match -> match.opponent().equals(opponent))
                .map(ConnectFour.Match::score);
    }

    private static int lost(ConnectFour.Result result, String opponent) {
        return scores(result, opponent).mapToInt(Arena.Score::lost).sum();
    }

    private static int won(ConnectFour.Result result, String opponent) {
        return scores(result, opponent).mapToInt(Arena.Score::won).sum();
    }

    @Test
    void unseenPositionsAreNew() {
        Positions positions = Positions.draw(SOLVER, 3_000, 1);
        assertEquals(2_400, positions.train().size());
        Set<Position> seen = new HashSet<>(positions.train());
        positions.train().forEach(position -> seen.add(position.mirrored()));
        assertTrue(positions.unseen().stream().noneMatch(seen::contains));
        assertTrue(positions.validation().stream().noneMatch(seen::contains));
        assertTrue(positions.train().stream().noneMatch(Position::isOver));
        assertEquals(positions, Positions.draw(SOLVER, 3_000, 1));
    }
}
