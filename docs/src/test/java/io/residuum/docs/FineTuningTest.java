package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.optim.LearningRateFactor;
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
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Path;
import java.util.List;
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
}
