package io.residuum.examples;

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
 * Networks of transformers with several streams or residual multipliers, by the specs and tables of
 * names in {@code specs}. {@code docs/parity/peer.py --specs} wrote weights, inputs and outputs.
 */
class SpecsParityTest {
    private static final Path SPECS = Path.of("specs");

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(SpecsParityTest.class, "specs");
        assertEquals(3, cases.size());
        return Engines.with(cases);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        Path names = SPECS.resolve(peer + "-names.json");
        peer.requireParity(engine, SPECS.resolve(peer + ".json"), names, folder);
    }
}
