package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.EngineChoice;
import io.residuum.testing.Engines;
import io.residuum.testing.PeerCase;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small transformers and mixers of timm and torchvision. Their specs, weights and outputs lie below
 * {@code images}, written by {@code docs/parity/peer.py --images}.
 */
class ImagePeerParityTest {
    private static final Set<String> TORCHVISION = Set.of("swin-padded", "swin-v2-torchvision");
    private static final int CASES = 38;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(ImagePeerParityTest.class, "images");
        assertEquals(CASES, cases.size());
        return Engines.with(cases);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        peer.requireParity(
                engine,
                "spec.json",
                TORCHVISION.contains(peer.toString()) ? "torchvision" : "timm",
                folder);
    }
}
