package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.quantize.QuantizationReport;
import io.residuum.model.quantize.QuantizeOptions;
import io.residuum.model.quantize.Quantizer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Quantization". */
class QuantizationTest {
    @TempDir private Path folder;

    @Test
    void quantizesANetwork() throws IOException {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/my-net.json"));
        Path file = folder.resolve("small.safetensors");
        Path large = folder.resolve("large.safetensors");
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 0);
                NDManager manager = backend.newManager()) {
            NDArray images = manager.randomUniform(0, 1, new Shape(8, 3, 32, 32));
            network.save(large);
            // tag::quantize
            List<NDList> samples = List.of(new NDList(images));
            QuantizationReport report =
                    Quantizer.quantize(network, samples, QuantizeOptions.DEFAULT);
            network.save(file);
            network.compile(CompileOptions.DEFAULT, System.err::println);
            NDArray logits = network.predict(new NDList(images));
            // end::quantize
            assertEquals(8, logits.getShape().get(0));
            assertTrue(report.error() < 0.2, report.toString());
            assertFalse(report.layers().get(1).inFloat());
            assertTrue(Files.size(file) < Files.size(large) / 2);
        }
    }

    @Test
    void trainsWithRoundedWeightsAndActivations() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/my-net.json"));
        DataSplits data =
                DataSource.parse("digits:train=64,test=64").forTraining(ImageInputs.shape(spec));
        ImageClassification task = new ImageClassification(data);
        Path file = folder.resolve("small.safetensors");
        Path run = folder.resolve("run");
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 0);
                NDManager manager = backend.newManager()) {
            NDArray images = manager.randomUniform(0, 1, new Shape(8, 3, 32, 32));
            try (Network other = Network.create(spec, backend, 0)) {
                Quantizer.quantize(other, List.of(new NDList(images)), QuantizeOptions.DEFAULT);
                other.save(file);
            }
            // tag::train
            Recipe recipe =
                    Recipe.builder()
                            .epochs(1)
                            .batch(32)
                            .learningRate(0.001)
                            .compile(true)
                            .quantization(file.toString())
                            .build();
            new Trainer(network, recipe, task, run, ProgressListener.NONE).start();
            // end::train
            try (Network trained =
                    Network.load(run.resolve("model.safetensors"), network.backend())) {
                assertEquals(
                        ModelSource.of(file.toString()).metadata().quantization(),
                        trained.metadata().quantization());
            }
        }
    }
}
