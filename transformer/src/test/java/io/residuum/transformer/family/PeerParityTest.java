package io.residuum.transformer.family;

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
 * Small networks of transformers: their config.json, random weights, inputs and outputs lie below
 * {@code peers}, written by {@code docs/parity/peer.py --golden}.
 */
class PeerParityTest {
    private static final int CASES = 210;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(PeerParityTest.class, "peers");
        assertEquals(CASES, cases.size());
        return Engines.with(cases);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        peer.requireParity(engine, "config.json", "huggingface", folder);
    }
}
