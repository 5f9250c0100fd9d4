package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.Adapters;
import io.residuum.model.Growth;
import io.residuum.model.Network;
import io.residuum.optim.LearningRateFactor;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Fine-tuning". */
class FineTuningTest {
    private static final String DATA = "digits:train=64,test=20";

    @TempDir Path temporary;

    @Test
    void weightsAreLoadedTunedSavedAndReloaded() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/resnet20.json"));
        Path weights = temporary.resolve("pretrained.safetensors");
        Path folder = temporary.resolve("run");
        try (Backend backend = Backend.open()) {
            try (Network pretrained = Network.create(spec, backend, 3)) {
                pretrained.save(weights);
            }
            double before;
            // tag::tune
            DataSplits data = DataSource.parse(DATA).forTraining(ImageInputs.shape(spec));
            Recipe recipe =
                    Recipe.builder()
                            .epochs(1)
                            .batch(32)
                            .learningRate(0.02)
                            .freeze(List.of("stem.*", "stage1.*"))
                            .layerDecay(0.8)
                            .rates(List.of(new LearningRateFactor("*.bias", 2)))
                            .build();
            try (Network network = Network.create(spec, backend, 0);
                    StateDict file = StateDict.open(weights, StateDict.Variant.PLAIN)) {
                ImportPlan plan = Dialects.standard().plan(network.block(), file);
                plan.require(path -> false, name -> false);
                network.loadValues(plan.values());
                network.resetHead(10, 1);
                recipe.learningRates(network).groups().forEach(System.out::println);
                new Trainer(
                                network,
                                recipe,
                                new ImageClassification(data),
                                folder,
                                ProgressListener.NONE)
                        .start();
                // end::tune
                before = ImageEvaluator.evaluate(network, data.evaluation(), 32).top1();
                assertTrue(!network.parameters().get("stem.conv.weight").requiresGradient());
                // tag::tune
            }
            try (Network tuned = Network.load(new RunFolder(folder).model(), backend)) {
                double accuracy = ImageEvaluator.evaluate(tuned, data.evaluation(), 32).top1();
                // end::tune
                assertEquals(before, accuracy);
                // tag::tune
            }
            // end::tune
        }
    }

    @Test
    void branchesAreTrainedAndMerged() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/lora.json"));
        DataSplits data = DataSource.parse(DATA).forTraining(ImageInputs.shape(spec));
        Path weights = temporary.resolve("pretrained.safetensors");
        Path folder = temporary.resolve("run");
        try (Backend backend = Backend.open()) {
            try (Network pretrained = Network.create(spec.withAdapters(List.of()), backend, 3)) {
                pretrained.save(weights);
            }
            // tag::lora
            LowRank lora = LowRank.of(4, 8, "stage*.conv*", "head.fc");
            Recipe recipe =
                    Recipe.builder()
                            .epochs(1)
                            .batch(32)
                            .trainOnly(List.of(lora.parameters()))
                            .build();
            try (Network network = Network.load(weights, backend)) {
                Adapters.add(network, lora, 0);
                Task task = new ImageClassification(data);
                new Trainer(network, recipe, task, folder, ProgressListener.NONE).start();
                Adapters.merge(network);
                network.save(temporary.resolve("merged.safetensors"));
            }
            // end::lora
            try (Network merged = Network.load(temporary.resolve("merged.safetensors"), backend);
                    Network trained = Network.load(new RunFolder(folder).model(), backend)) {
                assertEquals(List.of(lora), trained.spec().adapters());
                assertEquals(List.of(), merged.spec().adapters());
                assertEquals(
                        ImageEvaluator.evaluate(trained, data.evaluation(), 32).loss(),
                        ImageEvaluator.evaluate(merged, data.evaluation(), 32).loss(),
                        1e-4);
            }
        }
    }

    @Test
    void networksGrow() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/resnet20.json"));
        Path weights = temporary.resolve("trained.safetensors");
        try (Backend backend = Backend.open()) {
            try (Network network = Network.create(spec, backend, 3)) {
                network.save(weights);
            }
            // tag::grow
            try (Network network = Network.load(weights, backend)) {
                Growth.deepen(network, Map.of("stage2", 2), Growth.Method.IDENTITY, 0);
                network.save(temporary.resolve("deeper.safetensors"));
            }
            // end::grow
            try (Network deeper = Network.load(temporary.resolve("deeper.safetensors"), backend)) {
                assertTrue(deeper.parameters().containsKey("stage2.4.branch.conv1.weight"));
            }
        }
    }
}
