package io.residuum.examples;

import io.residuum.data.Prefetcher;
import io.residuum.engine.Backend;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.train.Recipe;
import io.residuum.train.StepResult;
import io.residuum.train.TrainingStep;
import io.residuum.vision.data.Batch;
import io.residuum.vision.data.BatchLoader;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import java.io.PrintStream;
import java.util.List;

/**
 * Builds a new network from records and trains it with a hand-written loop. Each unit adds two
 * convolutions with different kernel sizes. A learned scale that starts at 0 makes the network
 * shallow at first.
 */
public final class CustomArchitecture {
    private static final int WIDTH = 32;
    private static final double LEARNING_RATE = 0.05;

    private CustomArchitecture() {}

    /**
     * Trains for one epoch on generated digits.
     *
     * @param args none
     */
    public static void main(String[] args) {
        DataSource digits = DataSource.parse("digits:train=8000,test=1000");
        try (Backend backend = Backend.open()) {
            run(backend, digits, System.out);
        }
    }

    static ModelSpec spec() {
        LayerSpec unit =
                Residual.builder(
                                "unit",
                                new Parallel(
                                        "convolutions",
                                        List.of(
                                                Conv2d.of(WIDTH, 3).withName("near"),
                                                Conv2d.of(WIDTH, 7)
                                                        .withGroups(WIDTH)
                                                        .withName("far"))))
                        .before(new NormActivation(NormSpec.BATCH, new ActivationSpec.Silu()))
                        .scale(new ScaleSpec.Learned(0, true))
                        .dropPath(DropPathSpec.of(0.1))
                        .build();
        return new ModelSpec(
                "near-and-far",
                new InputSpec.Image(List.of(1, 32, 32), List.of(0.5), List.of(0.5)),
                new Sequential(
                        "",
                        Conv2d.of(WIDTH, 3).withStride(2).withName("stem"),
                        new Repeat("first", 2, unit, false),
                        Conv2d.of(WIDTH, 3).withStride(2).withName("down"),
                        new Repeat("second", 2, unit, false),
                        new GlobalAveragePool("pool"),
                        new Linear("head", 10)));
    }

    static Evaluation run(Backend backend, DataSource source, PrintStream out) {
        out.println(Summary.of(spec(), 3));
        DataSplits data = source.forTraining(ImageInputs.shape(spec()));
        Recipe recipe = Recipe.builder().labelSmoothing(0.1).build();
        try (Network network = Network.create(spec(), backend, recipe.seed());
                TrainingStep step = new TrainingStep(network, recipe);
                BatchLoader loader = loader(data, recipe);
                Prefetcher.Batches<Batch> epoch = loader.epoch(1)) {
            while (epoch.hasNext()) {
                try (Batch batch = epoch.next()) {
                    step.backward(batch, 1);
                }
                step.update(LEARNING_RATE);
                // On a GPU, the result of the step before: the loop does not wait for the engine.
                StepResult result = step.poll(step.maxPending());
                if (result != null && step.updates() % 10 == 0) {
                    out.printf("step %d: loss %.3f%n", step.updates(), result.loss());
                }
            }
            step.poll(0);
            Evaluation evaluation = ImageEvaluator.evaluate(network, data.evaluation(), 100);
            out.println("unseen digits: " + evaluation);
            return evaluation;
        }
    }

    private static BatchLoader loader(DataSplits data, Recipe recipe) {
        // ImageClassification reads the normalization from the spec; a loop of your own adds it.
        return BatchLoader.over(data.train())
                .batchSize(64)
                .shuffle(true)
                .seed(recipe.seed())
                .dropLast(true)
                .normalize(ImageInputs.normalization(spec()))
                .open();
    }
}
