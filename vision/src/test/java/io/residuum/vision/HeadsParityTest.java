package io.residuum.vision;

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
 * Narrow segmentation and detection networks of torchvision: random weights, inputs and outputs lie
 * below {@code heads}, written by {@code docs/parity/peer.py --heads}. The specs are written by
 * hand.
 */
public class HeadsParityTest {
    private static final int CASES = 5;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(HeadsParityTest.class, "heads");
        assertEquals(CASES, cases.size());
        return Engines.with(cases);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        peer.requireParity(engine, "spec.json", "torchvision", folder);
    }
}
