package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.Prefetcher;
import io.residuum.data.Seeds;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.train.report.Mistake;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which of the 8 rows of a sample is bright: learned in seconds. Training samples have other noise
 * in each epoch, as augmented ones would.
 */
record Stripes(int training, int evaluationSamples) implements Task {
    private static final int ROWS = 8;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f", "g", "h");

    private record Rows(float[] values, int[] labels) implements TrainingBatch {
        static Rows of(int[] samples, long seed) {
            float[] values = new float[samples.length * ROWS * ROWS];
            int[] labels = new int[samples.length];
            for (int i = 0; i < samples.length; i++) {
                SplittableRandom random = Seeds.random(seed, samples[i]);
                labels[i] = samples[i] % ROWS;
                for (int p = 0; p < ROWS * ROWS; p++) {
                    values[i * ROWS * ROWS + p] =
                            (float) (random.nextDouble() / 2 + (p / ROWS == labels[i] ? 0.5 : 0));
                }
            }
            return new Rows(values, labels);
        }

        @Override
        public int samples() {
            return labels.length;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            Shape shape = new Shape(labels.length, 1, ROWS, ROWS);
            return new NDList(Values.create(manager, values, shape, type));
        }

        @Override
        public Map<String, Target> targets() {
            return Map.of(Layer.OUTPUT, new Target.Classes(labels));
        }
    }

    @Override
    public String description() {
        return "stripes";
    }

    @Override
    public Optional<String> fingerprint() {
        return Optional.of(training + " stripes");
    }

    @Override
    public String unit() {
        return "samples";
    }

    @Override
    public void requireFitting(Network network) {}

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        int batch = recipe.batch();
        int all = recipe.batchesPerEpoch(training / batch);
        Prefetcher prefetcher = new Prefetcher(2, 2);
        return new BatchSource() {
            @Override
            public int batches() {
                return all;
            }

            @Override
            public Epoch epoch(int number) {
                SplittableRandom random = Seeds.random(recipe.seed(), number);
                int[] order = Seeds.permutation(training, random);
                long noise = random.nextLong();
                return Epoch.of(
                        prefetcher.epoch(
                                number, all, i -> Rows.of(slice(order, i * batch, batch), noise)),
                        rows -> rows);
            }

            @Override
            public void close() {
                prefetcher.close();
            }
        };
    }

    @Override
    public Optional<EvaluationSet> validation() {
        return Optional.of(EvaluationSet.of(evaluationSamples, this::result));
    }

    @Override
    public Optional<EvaluationSet> test() {
        return Optional.empty();
    }

    @Override
    public OptionalDouble heldOut() {
        return OptionalDouble.empty();
    }

    private EvaluationResult result(Network network, EvaluationOptions options) {
        int batch = options.batch();
        int[] samples = IntStream.range(0, evaluationSamples).toArray();
        Evaluation evaluation = new Evaluation(evaluationSamples, ROWS);
        for (int from = 0; from < evaluationSamples; from += batch) {
            Rows rows =
                    Rows.of(slice(samples, from, Math.min(batch, evaluationSamples - from)), -1);
            try (NDManager manager = network.backend().newManager()) {
                NDArray logits = network.predict(rows.inputs(manager, DataType.FLOAT32));
                evaluation.add(logits.toFloatArray(), rows.labels());
            }
        }
        return EvaluationResult.ofClasses(
                evaluation,
                NAMES,
                i ->
                        new Mistake.Text(
                                "sample " + i,
                                NAMES.get(evaluation.label(i)),
                                NAMES.get(evaluation.prediction(i)),
                                evaluation.probability(i)));
    }

    private static int[] slice(int[] values, int from, int length) {
        return IntStream.range(from, from + length).map(i -> values[i]).toArray();
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }
}
