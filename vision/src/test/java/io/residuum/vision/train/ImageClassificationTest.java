package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.optim.EmaSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Score;
import io.residuum.train.Tiny;
import io.residuum.train.Trainer;
import io.residuum.train.Trainer.Outcome;
import io.residuum.train.TrainingException;
import io.residuum.vision.augment.Mixup;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.augment.RepeatedAugmentation;
import io.residuum.vision.data.DataSplits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageClassificationTest {
    private static final DataSplits DIGITS = TinyImages.digits();

    /** Everything that carries state from step to step, and everything that draws. */
    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(3)
                    .batch(32)
                    .learningRate(0.05)
                    .warmupEpochs(0.5)
                    .labelSmoothing(0.1)
                    .clipNorm(5.0)
                    .ema(EmaSpec.of(0.9))
                    .mixing(List.of(new Mixup(0.2)))
                    .seed(7)
                    .build();

    @TempDir private Path temp;

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void stoppedAndResumedEndsAsIfNothingHadBeen(EngineChoice engine) throws IOException {
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stopInSecondEpoch =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == 2 && progress.step() == 2) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        Path stopped = temp.resolve("stopped");
        Path whole = temp.resolve("whole");
        try (Network first = network(engine);
                Network second = network(engine);
                Network other = network(engine)) {
            trainer.add(trainer(first, RECIPE, stopped, stopInSecondEpoch));
            assertEquals(Outcome.STOPPED, trainer.get(0).start().outcome());
            Trainer resumed = trainer(second, RECIPE, stopped, ProgressListener.NONE);
            assertEquals(Outcome.FINISHED, resumed.resume().outcome());
            trainer(other, RECIPE, whole, ProgressListener.NONE).start();
        }
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(whole.resolve(file)),
                    Files.readAllBytes(stopped.resolve(file)),
                    file);
        }
    }

    /** Two sizes, copies and a policy; stopped between the sizes and resumed. */
    @ParameterizedTest
    @CsvSource({"MXNET, false", "PYTORCH, false", "MXNET, true", "PYTORCH, true"})
    void trainsOnOtherSizes(EngineChoice engine, boolean compile) {
        String json =
                """
                {"epochs": 2, "batch": 40, "compile": %s, "sam": 0.05,
                 "optimizer": {"type": "scheduleFreeAdamW"}, "learningRate": 0.01, "schedule": "constant",
                 "augmentation": ["trivialAugmentWide", "randomErasing", "repeatedAugmentation",
                                  {"type": "progressiveResizing", "sizes": [4, 8]}],
                 "mixing": [{"type": "mixup", "probability": 0.5}],
                 "losses": {"output": {"type": "binaryCrossEntropy", "threshold": 0.2}}}
                """;
        Recipe recipe = SpecJson.standard().parse(json.formatted(compile), "recipe", Recipe.class);
        float[] whole = trained(engine, recipe, "whole", 2);
        trained(engine, recipe, "stopped", 1);
        assertArrayEquals(whole, trained(engine, recipe, "stopped", 2), 0f);
    }

    private float[] trained(EngineChoice engine, Recipe recipe, String folder, int until) {
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "pooled", "input": {"type": "image", "shape": [1, 8, 8]},
                                 "network": [
                                   {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
                                   {"type": "norm"}, {"type": "activation"}, "globalAveragePool",
                                   {"type": "linear", "name": "head", "units": 8}]}
                                """,
                                "pooled",
                                ModelSpec.class);
        try (Network network = Network.create(spec, Tiny.backend(engine), 1)) {
            Trainer trainer =
                    new Trainer(
                            network,
                            recipe,
                            new ImageClassification(TinyImages.stripes()),
                            temp.resolve(folder),
                            ProgressListener.NONE);
            trainer.stopAfter(until);
            Trainer.Result result = trainer.startOrResume();
            assertEquals(until, result.epochs());
            return Objects.requireNonNull(network.state().get("stem.weight"))
                    .getArray()
                    .toFloatArray();
        }
    }

    @Test
    void sizesNeedParametersThatDoNotDependOnThem() {
        Recipe recipe =
                Recipe.builder()
                        .batch(20)
                        .augmentation(List.of(new ProgressiveResizing(List.of(4))))
                        .build();
        ImageClassification task = new ImageClassification(TinyImages.stripes());
        ModelSpec flattened = Tiny.network().withClasses(8);
        TrainingException e =
                assertThrows(
                        TrainingException.class, () -> task.trainingBatches(flattened, recipe));
        assertTrue(e.toString().contains("but tiny has others at 1x4x4: remove it"), e.toString());
        Recipe twice =
                recipe.withAugmentation(
                        List.of(new RepeatedAugmentation(2), new RepeatedAugmentation(3)));
        TrainingException two = assertThrows(TrainingException.class, () -> task.completed(twice));
        assertTrue(two.toString().contains("one transform of this kind"), two.toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void learns(EngineChoice engine) {
        DataSplits stripes = TinyImages.stripes();
        Recipe recipe = Recipe.builder().epochs(6).batch(20).learningRate(0.05).build();
        RunFolder folder = new RunFolder(temp.resolve("learns"));
        try (Network network =
                Network.create(Tiny.network().withClasses(8), Tiny.backend(engine), 1)) {
            Trainer trainer =
                    new Trainer(
                            network,
                            recipe,
                            new ImageClassification(stripes),
                            folder.path(),
                            ProgressListener.NONE);
            Trainer.Result result = trainer.start();
            Score score = Objects.requireNonNull(result.best());
            assertTrue(score.accuracy() > 0.9, result.toString());
            try (Network best = Network.load(folder.model(), Tiny.backend(engine))) {
                Evaluation evaluation = ImageEvaluator.evaluate(best, stripes.evaluation(), 32);
                assertEquals(score.accuracy(), evaluation.top1());
            }
            List<Metrics> metrics = folder.readMetrics();
            assertEquals(6, metrics.stream().filter(m -> m instanceof Metrics.Epoch).count());
            assertTrue(Files.exists(folder.report()));
        }
    }

    @Test
    void writesTheAugmentationOfTheDataAndTheNormalization() {
        RunFolder run = new RunFolder(temp.resolve("settings"));
        Recipe recipe = Recipe.builder().epochs(1).batch(100).build();
        try (Network network = network(EngineChoice.PYTORCH)) {
            trainer(network, recipe, run.path(), ProgressListener.NONE).start();
        }
        Recipe written = SpecJson.standard().read(run.recipe(), Recipe.class);
        assertEquals(DIGITS.augmentation(), written.augmentation());
        ModelSpec spec = SpecJson.standard().readModel(run.spec());
        assertEquals(DIGITS.measuredNormalization(), ImageInputs.normalization(spec).orElseThrow());
        assertNotEquals(Tiny.network(), spec);
    }

    private static Trainer trainer(
            Network network, Recipe recipe, Path folder, ProgressListener listener) {
        return new Trainer(network, recipe, new ImageClassification(DIGITS), folder, listener);
    }

    private static Network network(EngineChoice engine) {
        ModelSpec spec = ImageInputs.normalizedBy(Tiny.network(), DIGITS.measuredNormalization());
        return Network.create(spec, Tiny.backend(engine), RECIPE.seed());
    }
}
