package io.residuum.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.quantize.Calibration;
import io.residuum.model.quantize.QuantizationReport;
import io.residuum.model.quantize.QuantizeOptions;
import io.residuum.model.quantize.Quantizer;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.PeerCase;
import io.residuum.testing.Tensors;
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

/** Branches of RepVGG and MobileOne are one convolution before their weights are rounded. */
class QuantizedBranchesTest {
    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        Set<String> names = Set.of("repvgg-timm", "mobileone-timm");
        return Engines.with(
                PeerCase.beside(QuantizedBranchesTest.class, "peers").stream()
                        .filter(peer -> names.contains(peer.toString()))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theProgramRunsTheConvolutionsThatAreRounded(EngineChoice engine, PeerCase peer) {
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("int8.safetensors");
        try (Network network =
                        Nets.shaken(
                                ModelSource.of(peer.folder().resolve("spec.json")).spec(),
                                backend,
                                DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 4, 3, 32, 32));
            double[] wanted = Tensors.values(network.forward(x, false));
            QuantizeOptions none = new QuantizeOptions(Calibration.MINMAX, 100, List.of("*"), 1e9);
            assertThrows(SpecException.class, () -> Quantizer.quantize(network, List.of(x), none));
            Tensors.assertClose(wanted, Tensors.values(network.forward(x, false)), 1e-4, "merged");
            QuantizeOptions all = new QuantizeOptions(Calibration.MINMAX, 100, List.of(), 1e9);
            QuantizationReport report = Quantizer.quantize(network, List.of(x), all);
            assertTrue(report.error() > 1e-4 && report.error() < 0.1, report.toString());
            assertEquals(
                    List.of(),
                    report.layers().stream()
                            .map(QuantizationReport.Layer::path)
                            .filter(path -> path.matches(".*(kernel|point|scale).*"))
                            .toList());
            network.save(file);
            try (Network loaded = ModelSource.of(file).open(backend)) {
                loaded.compile(CompileOptions.DEFAULT, note -> fail(note));
                Tensors.assertClose(wanted, Tensors.values(loaded.predict(x)), 0.2, "quantized");
            }
        }
    }
}
