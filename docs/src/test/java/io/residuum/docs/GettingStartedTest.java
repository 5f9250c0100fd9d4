package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The listings of the first page and of the guides "Getting started" and "Training". */
class GettingStartedTest {

    @TempDir Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"my-net", "resnet20", "resnet-options"})
    void specsReadBuildAndRun(String name) {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/" + name + ".json"));
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 0);
                NDManager manager = backend.newManager()) {
            Shape input = spec.input().batchShape();
            NDArray x = manager.ones(new Shape(2, input.get(1), input.get(2), input.get(3)));
            NDArray y = network.predict(new NDList(x));
            assertEquals(network.outputShape().get(1), y.getShape().get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quick",
                "adamw",
                "early-stopping",
                "metrics",
                "fine-tuning",
                "losses",
                "quantile",
                "distillation"
            })
    void recipesRead(String name) {
        Path file = Guide.resource("recipes/" + name + ".json");
        Recipe recipe = SpecJson.standard().read(file, Recipe.class);
        assertEquals(
                recipe,
                SpecJson.standard()
                        .parse(SpecJson.standard().writeAll(recipe), name, Recipe.class));
    }

    @Test
    void aNetworkIsReadSummarizedAndRun() {
        Path file = Guide.resource("specs/my-net.json");
        // tag::run
        ModelSpec spec = SpecJson.standard().readModel(file);
        String table = Summary.of(spec).toString();
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.AUTO);
                Network network = Network.create(spec, backend, 42);
                NDManager manager = backend.newManager()) {
            NDArray images = manager.zeros(new Shape(8, 3, 32, 32));
            NDArray logits = network.predict(new NDList(images));
            Map<String, NDArray> features = network.features(new NDList(images), List.of("body.2"));
            // end::run
            assertTrue(table.contains("body"), table);
            assertEquals(new Shape(8, 10), logits.getShape());
            assertEquals(new Shape(8, 32, 32, 32), features.get("body.2").getShape());
            // tag::run
        }
        // end::run
    }

    @Test
    void aNetworkIsTrainedEvaluatedAndLoaded() {
        Path file = Guide.resource("specs/my-net.json");
        Path folder = temporary.resolve("run");
        String digits = "digits:train=256,test=64";
        // tag::train
        ModelSpec spec = SpecJson.standard().readModel(file);
        DataSplits data = DataSource.parse(digits).forTraining(ImageInputs.shape(spec));
        ModelSpec normalized = ImageInputs.normalizedBy(spec, data.measuredNormalization());
        Recipe recipe = Recipe.builder().epochs(1).batch(64).learningRate(0.05).build();
        try (Backend backend = Backend.open();
                Network network = Network.create(normalized, backend, recipe.seed())) {
            new Trainer(
                            network,
                            recipe,
                            new ImageClassification(data),
                            folder,
                            ProgressListener.NONE)
                    .start();
        }
        // end::train
        RunFolder run = new RunFolder(folder);
        assertTrue(Files.exists(run.metrics()));
        assertEquals(
                normalized,
                SpecJson.standard().readModel(run.spec()),
                "what the folder says it trained");
        // tag::evaluate
        try (Backend backend = Backend.open();
                Network network = Network.load(folder.resolve("model.safetensors"), backend)) {
            Evaluation evaluation = ImageEvaluator.evaluate(network, data.evaluation(), 64);
            System.out.println(evaluation);
            // end::evaluate
            assertEquals(64, evaluation.samples());
            assertTrue(Double.isFinite(evaluation.loss()));
            // tag::evaluate
        }
        // end::evaluate
    }

    @Test
    void aHeadIsReplacedAndTheRestFrozen() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/resnet20.json"));
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 0)) {
            // tag::transfer
            network.resetHead(37, 1);
            network.freeze("stem.*");
            network.freeze("stage1.*");
            // end::transfer
            assertEquals(37, network.outputShape().get(1));
            assertTrue(
                    !network.parameters().get("stage1.0.branch.conv1.weight").requiresGradient());
            assertTrue(network.parameters().get("stage2.0.branch.conv1.weight").requiresGradient());
        }
    }
}
