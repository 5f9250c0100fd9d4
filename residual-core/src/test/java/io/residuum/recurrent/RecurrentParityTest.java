package io.residuum.recurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.EngineChoice;
import io.residuum.testing.Engines;
import io.residuum.testing.PeerCase;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * LSTM, GRU and RNN of PyTorch: stacked, in both directions, over packed sequences and from given
 * states. Weights, inputs, outputs and last states lie below {@code peers}, written by {@code
 * docs/parity/peer.py --recurrent}. The specs are written by hand.
 */
class RecurrentParityTest {
    private static final int CASES = 9;
    private static final double TOLERANCE = 1e-5;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(RecurrentParityTest.class, "peers");
        assertEquals(CASES, cases.size());
        return Engines.with(cases);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsAndStatesFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        peer.requireParity(engine, "spec.json", "pytorch", folder, TOLERANCE);
    }
}
