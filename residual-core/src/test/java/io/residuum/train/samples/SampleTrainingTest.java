package io.residuum.train.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.engine.EngineChoice;
import io.residuum.loss.BinaryCrossEntropyLoss;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.loss.Target;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.train.study.LearningRateCurve;
import io.residuum.train.study.LearningRateFinder;
import io.residuum.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training on samples in memory, in files and in streams, with two inputs and two outputs. */
class SampleTrainingTest {
    private static final ModelSpec SPEC =
            SpecJson.standard()
                    .parse(
                            """
                            {"format": "residuum/1", "name": "game",
                             "input": {"type": "several", "inputs": [
                               {"name": "board", "type": "features", "shape": [2, 3]},
                               {"name": "clock", "type": "features", "shape": [2]}]},
                             "network": {"type": "graph", "inputs": ["board", "clock"], "outputs": ["policy", "value"], "layers": [
                               {"type": "flatten", "name": "flat", "from": "board"},
                               {"type": "concat", "name": "seen", "from": ["flat", "clock"]},
                               {"type": "linear", "name": "tower", "units": 16}, {"type": "activation", "name": "bent", "function": "relu"},
                               {"type": "linear", "name": "policy", "units": 3},
                               {"type": "linear", "name": "value", "from": "bent", "units": 1}]}}
                            """,
                            "game",
                            ModelSpec.class);

    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(3)
                    .batch(8)
                    .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0))
                    .learningRate(0.01)
                    .validation(0.25)
                    .build();

    @TempDir private Path temp;

    /** The policy is the largest of the first three squares, the value the sum of the clock. */
    private static Sample sample(int index) {
        SplittableRandom random = Seeds.random(7, index);
        float[] board = new float[6];
        for (int i = 0; i < board.length; i++) {
            board[i] = (float) random.nextDouble();
        }
        float[] clock = {(float) random.nextDouble(), (float) random.nextDouble()};
        int best =
                board[0] > board[1] ? (board[0] > board[2] ? 0 : 2) : board[1] > board[2] ? 1 : 2;
        // Every fifth value and every seventh policy is unknown.
        return new Sample(
                Map.of(
                        "board",
                        new Tensor.Numbers(board, new Shape(2, 3)),
                        "clock",
                        Tensor.numbers(clock)),
                Map.of(
                        "policy", Tensor.label(index % 7 == 0 ? Target.IGNORED : best),
                        "value", Tensor.numbers(index % 5 == 0 ? Float.NaN : clock[0] + clock[1])));
    }

    private static List<Sample> samples(int count) {
        return IntStream.range(0, count).mapToObj(SampleTrainingTest::sample).toList();
    }

    private static SampleSplits splits() {
        return SampleSplits.holdingOut(
                "games", Samples.of(samples(96)), Optional.of(Samples.of(samples(16))), 0.25);
    }

    /** Closing a view of a file closes the file. Only the part to test on is read and described. */
    @Test
    void partsOfOneFileStayOpenForEvaluation() {
        boolean[] closed = {false};
        Samples memory = Samples.of(samples(96));
        Samples file =
                new Samples() {
                    @Override
                    public int size() {
                        return memory.size();
                    }

                    @Override
                    public Sample get(int index) {
                        assertFalse(closed[0]);
                        return memory.get(index);
                    }

                    @Override
                    public void close() {
                        closed[0] = true;
                    }
                };
        SampleSource source =
                (spec, share) ->
                        SampleSplits.holdingOut(
                                "games",
                                file.subset(0, 1, 2),
                                Optional.of(file.subset(3, 4)),
                                share);
        try (SampleSplits splits = source.forEvaluation(SPEC)) {
            assertEquals("games: 2 samples", splits.description());
            assertEquals(2, splits.test().orElseThrow().size());
            splits.test().orElseThrow().get(1);
        }
        assertTrue(closed[0]);
    }

    private static Network network(EngineChoice engine) {
        return Network.create(SPEC, Engines.backend(engine), 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void learnsBothOutputs(EngineChoice engine) {
        Recipe recipe = RECIPE.with().epochs(25).learningRate(0.03).build();
        SampleTask task = SampleTask.on(splits());
        Map<String, Double> found = new HashMap<>();
        try (Network network = network(engine)) {
            new Trainer(network, recipe, task, temp.resolve("learns"), ProgressListener.NONE)
                    .start();
            task.evaluate(network, 10).measures().forEach(m -> found.put(m.name(), m.value()));
        }
        assertTrue(found.getOrDefault("policy accuracy", 0.0) > 0.85, found.toString());
        assertTrue(found.getOrDefault("value RMSE", 1.0) < 0.1, found.toString());
    }

    /** A copy of the samples whose unknown policy has another label than -1. */
    private static SampleTask marked(int label) {
        List<Sample> samples =
                samples(24).stream()
                        .map(
                                s -> {
                                    Map<String, Tensor> targets = new HashMap<>(s.targets());
                                    Tensor.Integers policy =
                                            (Tensor.Integers) targets.get("policy");
                                    if (policy.values()[0] == Target.IGNORED) {
                                        targets.put("policy", Tensor.label(label));
                                    }
                                    return new Sample(s.inputs(), targets);
                                })
                        .toList();
        Samples part = Samples.of(samples);
        return SampleTask.on(SampleSplits.holdingOut("games", part, Optional.of(part), 0.25));
    }

    private static ClassActivation saved(Recipe recipe, Tensor... targets) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (Tensor target : targets) {
            named.put(targets.length == 1 ? "output" : "output" + named.size(), target);
        }
        Sample sample = new Sample(Map.of("input", Tensor.numbers(1, 2)), named);
        SampleTask task =
                SampleTask.on(
                        SampleSplits.holdingOut(
                                "some", Samples.of(List.of(sample, sample)), Optional.empty(), 0));
        return ClassActivation.of(new ModelMetadata(task.metadata(task.completed(recipe))));
    }

    @Test
    void theSavedActivationFollowsTheLoss() {
        Recipe plain = Recipe.defaults();
        Tensor numbers = Tensor.numbers(0, 1);
        assertEquals(ClassActivation.IDENTITY, saved(plain, numbers));
        assertEquals(ClassActivation.IDENTITY, saved(plain, numbers, numbers));
        assertEquals(ClassActivation.SOFTMAX, saved(plain, Tensor.label(1)));
        assertEquals(ClassActivation.SOFTMAX, saved(plain, Tensor.label(1), numbers));
        Recipe labels =
                plain.withLosses(
                        Map.of("output", new BinaryCrossEntropyLoss(1, List.of(), 0, null)));
        assertEquals(ClassActivation.SIGMOID, saved(labels, numbers));
        Recipe shares = plain.withLosses(Map.of("output", new CrossEntropyLoss(1, 0)));
        assertEquals(ClassActivation.SOFTMAX, saved(shares, numbers));
    }

    @Test
    void anotherLabelMayBeIgnored() {
        Recipe plain = RECIPE.with().epochs(1).build();
        Recipe ignoring =
                plain.with()
                        .losses(Map.of("policy", new CrossEntropyLoss(1, 0, List.of(), 255)))
                        .build();
        List<EvaluationResult> found = new ArrayList<>();
        for (int label : new int[] {Target.IGNORED, 255}) {
            try (Network network = network(EngineChoice.PYTORCH)) {
                Path folder = temp.resolve("label" + label);
                SampleTask task = marked(label);
                new Trainer(network, ignoring, task, folder, ProgressListener.NONE).start();
                found.add(task.evaluate(network, EvaluationOptions.of(ignoring)));
            }
        }
        assertEquals(found.get(0).measures(), found.get(1).measures());
        try (Network network = network(EngineChoice.PYTORCH)) {
            Trainer trainer =
                    new Trainer(
                            network, plain, marked(255), temp.resolve("r"), ProgressListener.NONE);
            TrainingException e = assertThrows(TrainingException.class, trainer::start);
            assertTrue(
                    String.valueOf(e.getMessage())
                            .startsWith("output \"policy\": labels must be in [0, 3), or -1"),
                    e.getMessage());
        }
    }

    @Test
    void aLearningRateIsFoundForBothOutputs() {
        try (Network network = network(EngineChoice.PYTORCH)) {
            LearningRateCurve curve =
                    new LearningRateFinder(1e-4, 1, 20)
                            .find(network, RECIPE, SampleTask.on(splits()));
            assertEquals(20, curve.points().size());
            assertTrue(curve.suggestion().isPresent());
            assertTrue(curve.points().get(0).loss() > 0.1, curve.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStoppedRunOnAListEndsAsAWholeOne(boolean stream) throws IOException {
        SampleSplits data =
                stream
                        ? new SampleSplits(
                                "games",
                                new SampleStream(samples(50), 10),
                                Optional.of(Samples.of(samples(16))),
                                Optional.empty(),
                                OptionalDouble.empty())
                        : splits();
        // 8 of 6.25 batches, so that the position in the stream goes around.
        Recipe recipe = stream ? RECIPE.with().stepsPerEpoch(8).build() : RECIPE;
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stop =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == 2 && progress.step() == 2) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        Path folder = temp.resolve("stopped");
        try (Network network = network(EngineChoice.PYTORCH)) {
            trainer.add(new Trainer(network, recipe, SampleTask.on(data), folder, stop));
            assertEquals(Trainer.Outcome.STOPPED, trainer.get(0).start().outcome());
        }
        try (Network network = network(EngineChoice.PYTORCH)) {
            new Trainer(network, recipe, SampleTask.on(data), folder, ProgressListener.NONE)
                    .resume();
        }
        Path whole = temp.resolve("whole");
        try (Network network = network(EngineChoice.PYTORCH)) {
            new Trainer(network, recipe, SampleTask.on(data), whole, ProgressListener.NONE).start();
        }
        assertArrayEquals(
                Files.readAllBytes(whole.resolve("checkpoint-last.safetensors")),
                Files.readAllBytes(folder.resolve("checkpoint-last.safetensors")));
    }

    @Test
    void arraysOfAFileAreTheSameSamples() {
        List<Sample> all = samples(20);
        float[] boards = new float[20 * 6];
        float[] clocks = new float[20 * 2];
        long[] policies = new long[20];
        float[] values = new float[20];
        for (int i = 0; i < 20; i++) {
            Sample sample = all.get(i);
            System.arraycopy(
                    ((Tensor.Numbers) sample.inputs().get("board")).values(), 0, boards, i * 6, 6);
            System.arraycopy(
                    ((Tensor.Numbers) sample.inputs().get("clock")).values(), 0, clocks, i * 2, 2);
            policies[i] = ((Tensor.Integers) sample.targets().get("policy")).values()[0];
            values[i] = ((Tensor.Numbers) sample.targets().get("value")).values()[0];
        }
        Path file = temp.resolve("games.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.add("board", new long[] {20, 2, 3}, boards);
        writer.add("clock", new long[] {20, 2}, clocks);
        writer.add("policy", new long[] {20}, policies);
        writer.add("value", new long[] {20, 1}, values);
        writer.write(file);
        try (ArraySamples arrays = ArraySamples.open(SPEC, file)) {
            assertEquals(20, arrays.size());
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        Samples.of(List.of(all.get(i))).fingerprint(),
                        Samples.of(List.of(arrays.get(i))).fingerprint());
            }
            assertNotEquals(Samples.of(all.subList(0, 19)).fingerprint(), arrays.fingerprint());
        }
    }

    @Test
    void namesTheSampleOfAFileThatIsNotFinite() {
        Path file = temp.resolve("unknown.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.add("board", new long[] {2, 2, 3}, new float[12]);
        writer.add("clock", new long[] {2, 2}, new float[] {1, 2, Float.NaN, 3});
        writer.write(file);
        try (ArraySamples arrays = ArraySamples.open(SPEC, file)) {
            arrays.get(0);
            DataException e = assertThrows(DataException.class, () -> arrays.get(1));
            assertTrue(
                    String.valueOf(e.getMessage())
                            .startsWith(
                                    file
                                            + ": sample 1: the input \"clock\" must have finite"
                                            + " numbers, got NaN"),
                    e.getMessage());
        }
    }

    @Test
    void aFileWithoutSamplesIsRefused() {
        Path file = temp.resolve("none.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.add("board", new long[] {0, 2, 3}, new float[0]);
        writer.add("clock", new long[] {0, 2}, new float[0]);
        writer.write(file);
        DataException e = assertThrows(DataException.class, () -> ArraySamples.open(SPEC, file));
        assertTrue(
                String.valueOf(e.getMessage())
                        .endsWith("must hold 1 to 2147483647 samples, found 0"),
                e.getMessage());
    }

    @Test
    void namesWhatDoesNotFit() {
        Tensor board = new Tensor.Numbers(new float[6], new Shape(2, 3));
        Tensor clock = Tensor.numbers(1, 2);
        assertRefused(
                "a sample must have the input \"clock\"",
                new Sample(Map.of("board", board), Map.of()));
        assertRefused(
                "the input \"board\" of a sample must have the shape (2, 3), got (6)",
                new Sample(
                        Map.of("board", Tensor.numbers(new float[6]), "clock", clock), Map.of()));
        assertRefused(
                "an input must be one of [board, clock], got \"watch\"",
                new Sample(Map.of("board", board, "clock", clock, "watch", clock), Map.of()));
        assertRefused(
                "the input \"clock\" must be numbers, got whole numbers",
                new Sample(Map.of("board", board, "clock", Tensor.integers(1, 2)), Map.of()));
        assertRefused(
                "the input \"clock\" must have finite numbers, got NaN",
                new Sample(
                        Map.of("board", board, "clock", Tensor.numbers(1, Float.NaN)), Map.of()));
        assertRefused(
                "the input \"clock\" must have finite numbers, got -Infinity",
                new Sample(
                        Map.of("board", board, "clock", Tensor.numbers(Float.NEGATIVE_INFINITY, 0)),
                        Map.of()));
        assertRefused(
                "the target of \"value\" must have the shape (1) of the output, got (2)",
                new Sample(
                        Map.of("board", board, "clock", clock),
                        Map.of("value", Tensor.numbers(1, 2))));
        assertRefused(
                "a target must belong to an output of game, [policy, value], got \"score\"",
                new Sample(
                        Map.of("board", board, "clock", clock),
                        Map.of("score", Tensor.numbers(1))));
    }

    private static void assertRefused(String message, Sample sample) {
        SampleLayout layout = new SampleLayout(SPEC);
        DataException e = assertThrows(DataException.class, () -> layout.batch(List.of(sample)));
        assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 25, 57})
    void skipsToWhatItWouldHaveRead(int skipped) {
        SampleStream stream = new SampleStream(samples(10), 4);
        List<Sample> read = new ArrayList<>();
        try (ShuffledPasses all = new ShuffledPasses(stream, 3)) {
            for (int i = 0; i < 70; i++) {
                read.add(all.next());
            }
        }
        assertNotEquals(read.subList(0, 10), read.subList(10, 20));
        try (ShuffledPasses rest = new ShuffledPasses(stream, 3)) {
            rest.skip(skipped);
            for (int i = skipped; i < 70; i++) {
                assertEquals(i, rest.position());
                assertEquals(read.get(i), rest.next());
            }
        }
    }
}
