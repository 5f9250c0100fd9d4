package io.residuum.examples.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.InputSpec;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingStep;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A step that a benchmark repeats. */
interface Workload extends AutoCloseable {

    /** Computes once and waits for the result, because engines may compute asynchronously. */
    void step();

    @Override
    void close();

    /** Random inputs of a batch in the Java heap. */
    final class Inputs {
        private final Shape shape;
        private final long[] ids;
        private final float[] values;

        /**
         * Draws inputs.
         *
         * @param spec the network's input
         * @param batch the batch size
         * @param length the sequence length in tokens
         */
        Inputs(InputSpec spec, int batch, int length) {
            long[] dims = spec.batchShape().getShape().clone();
            dims[0] = batch;
            SplittableRandom random = new SplittableRandom(0);
            if (spec instanceof InputSpec.Tokens tokens) {
                dims[1] = length;
                shape = new Shape(dims);
                ids = random.longs(shape.size(), 0, tokens.vocabulary()).toArray();
                values = new float[0];
            } else {
                shape = new Shape(dims);
                ids = new long[0];
                values = new float[Math.toIntExact(shape.size())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
            }
        }

        NDArray create(NDManager manager) {
            return ids.length > 0
                    ? Values.create(manager, ids, shape)
                    : Values.create(manager, values, shape, DataType.FLOAT32);
        }
    }

    /** Inference on one batch that is already on the network's device. */
    final class Inference implements Workload {
        private final Network network;
        private final NDManager owner;
        private final NDArray input;

        Inference(Network network, Inputs inputs) {
            this.network = network;
            this.owner = network.backend().newManager();
            this.input = inputs.create(owner);
        }

        @Override
        public void step() {
            try (NDManager manager = owner.newSubManager()) {
                // Results belong to the input's manager, so that closing it frees them.
                input.attach(manager);
                network.predict(new NDList(input)).toFloatArray();
                input.attach(owner);
            }
        }

        @Override
        public void close() {
            owner.close();
        }
    }

    /** Training steps on one batch. */
    final class Training implements Workload {
        private static final double LEARNING_RATE = 1e-3;

        private final TrainingStep training;
        private final NDManager owner;
        private final TrainingBatch batch;

        /** A batch that is already on the network's device. */
        private record Fixed(NDArray held, int[] labels) implements TrainingBatch {
            @Override
            public int samples() {
                return labels.length;
            }

            @Override
            public NDList inputs(NDManager manager, DataType type) {
                NDArray input = held.duplicate();
                input.attach(manager);
                return new NDList(input);
            }
        }

        Training(
                Network network,
                Inputs inputs,
                UnaryOperator<RecipeBuilder> changes,
                Consumer<String> notes) {
            boolean text = inputs.ids.length > 0;
            RecipeBuilder start = (text ? textRecipe() : Recipe.defaults()).with();
            Recipe recipe = changes.apply(start).build();
            training = new TrainingStep(network, recipe, notes);
            owner = network.backend().newManager();
            Shape output = network.outputShape();
            int classes = Math.toIntExact(output.get(output.dimension() - 1));
            long positions = output.dimension() == 3 ? inputs.shape.size() : inputs.shape.get(0);
            batch =
                    new Fixed(
                            inputs.create(owner),
                            new SplittableRandom(0).ints(positions, 0, classes).toArray());
        }

        /** nanoGPT's settings. */
        private static Recipe textRecipe() {
            return Recipe.builder()
                    .optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.1))
                    .clipNorm(1.0)
                    .build();
        }

        @Override
        public void step() {
            training.backward(batch, 1);
            training.update(LEARNING_RATE);
            // As in a run, on a GPU this waits for the result of the step before. Once times are
            // steady, the time between two such results is one step.
            training.poll(training.ahead());
        }

        @Override
        public void close() {
            training.poll(0);
            training.close();
            owner.close();
        }
    }

    /** Greedy generation. */
    final class Generation implements Workload {
        private final Network network;
        private final Inputs prompts;
        private final int tokens;

        Generation(Network network, Inputs prompts, int tokens) {
            this.network = network;
            this.prompts = prompts;
            this.tokens = tokens;
        }

        @Override
        public void step() {
            Backend backend = network.backend();
            try (NDManager manager = backend.newManager();
                    ArrayCache cache = new ArrayCache(manager)) {
                NDArray next = prompts.create(manager);
                for (int i = 0; i < tokens; i++) {
                    try (NDManager scratch = manager.newSubManager()) {
                        next.attach(scratch);
                        NDArray logits = network.predictNext(new NDList(next), cache);
                        long[] chosen = best(logits);
                        next = Values.create(manager, chosen, new Shape(chosen.length, 1));
                    }
                }
            }
        }

        private static long[] best(NDArray logits) {
            int rows = Math.toIntExact(logits.getShape().get(0));
            float[] all = logits.toFloatArray();
            int width = all.length / rows;
            long[] best = new long[rows];
            for (int i = 0; i < all.length; i++) {
                int row = i / width;
                if (all[i] > all[row * width + (int) best[row]]) {
                    best[row] = i % width;
                }
            }
            return best;
        }

        @Override
        public void close() {}
    }
}
