package io.residuum.examples.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.SideInput;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.NamedInput;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A step that a benchmark repeats. */
interface Workload extends AutoCloseable {

    /** Computes once and waits for the result, because engines may compute asynchronously. */
    void step();

    @Override
    void close();

    /**
     * Random inputs of a batch in the Java heap.
     *
     * @param all the network's input, then side inputs that it needs
     */
    record Inputs(List<Input> all) {

        /**
         * An input.
         *
         * @param name its name, empty for the first
         * @param ids token ids; empty for another input
         * @param values other numbers; empty for tokens
         */
        record Input(String name, Shape shape, long[] ids, float[] values) {
            NDArray create(NDManager manager) {
                NDArray array =
                        ids.length > 0
                                ? Values.create(manager, ids, shape)
                                : Values.create(manager, values, shape, DataType.FLOAT32);
                if (!name.isEmpty()) {
                    array.setName(name);
                }
                return array;
            }
        }

        /**
         * Draws inputs.
         *
         * @param batch the batch size
         * @param length the sequence length in tokens, also of a source
         */
        static Inputs of(Network network, int batch, int length) {
            SplittableRandom random = new SplittableRandom(0);
            List<Input> all = new ArrayList<>();
            for (NamedInput input : network.spec().input().all()) {
                String name = all.isEmpty() ? "" : input.name();
                all.add(drawn(name, input.input(), batch, length, random));
            }
            network.block().sideInputs().all().stream()
                    .filter(needed -> needed.required() && needed.kind() == SideInput.Kind.IDS)
                    .filter(needed -> all.stream().noneMatch(i -> i.name.equals(needed.name())))
                    .map(needed -> ids(needed.name(), batch, length, needed.count(), random))
                    .forEach(all::add);
            return new Inputs(all);
        }

        private static Input drawn(
                String name, InputSpec spec, int batch, int length, SplittableRandom random) {
            if (spec instanceof InputSpec.Tokens tokens) {
                return ids(name, batch, length, tokens.vocabulary(), random);
            }
            long[] dims = spec.batchShape().getShape().clone();
            dims[0] = batch;
            Shape shape = new Shape(dims);
            float[] values = new float[size(shape)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return new Input(name, shape, new long[0], values);
        }

        private static Input ids(
                String name, int batch, int length, long count, SplittableRandom random) {
            Shape shape = new Shape(batch, length);
            long[] ids = random.longs(size(shape), 0, count).toArray();
            return new Input(name, shape, ids, new float[0]);
        }

        private static int size(Shape shape) {
            Check.that(
                    shape.size() <= Integer.MAX_VALUE,
                    "an input must have at most %s numbers, got shape %s; use a smaller --batch",
                    Integer.MAX_VALUE,
                    shape);
            return (int) shape.size();
        }

        Input first() {
            return all.get(0);
        }

        NDList create(NDManager manager) {
            NDList arrays = new NDList();
            all.forEach(input -> arrays.add(input.create(manager)));
            return arrays;
        }
    }

    /** Inference on one batch that is already on the network's device. */
    final class Inference implements Workload {
        private final Network network;
        private final NDManager owner;
        private final NDList inputs;

        Inference(Network network, Inputs inputs) {
            this.network = network;
            this.owner = network.backend().newManager();
            this.inputs = inputs.create(owner);
        }

        @Override
        public void step() {
            try (NDManager manager = owner.newSubManager()) {
                // Results belong to the input's manager, so that closing it frees them.
                inputs.attach(manager);
                network.predictAll(inputs).values().forEach(NDArray::toFloatArray);
                inputs.attach(owner);
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
        private record Fixed(NDList held, Map<String, Target> targets) implements TrainingBatch {
            @Override
            public int samples() {
                return Math.toIntExact(held.head().getShape().get(0));
            }

            @Override
            public NDList inputs(NDManager manager, DataType type) {
                NDList inputs = new NDList();
                for (NDArray array : held) {
                    NDArray copy = array.duplicate();
                    if (array.getName() != null) {
                        copy.setName(array.getName());
                    }
                    inputs.add(copy);
                }
                inputs.attach(manager);
                return inputs;
            }
        }

        Training(
                Network network,
                Inputs inputs,
                UnaryOperator<RecipeBuilder> changes,
                Consumer<String> notes) {
            boolean text = inputs.first().ids().length > 0;
            RecipeBuilder start = (text ? textRecipe() : Recipe.defaults()).with();
            Recipe recipe = changes.apply(start).build();
            training = new TrainingStep(network, recipe, notes);
            owner = network.backend().newManager();
            batch = new Fixed(inputs.create(owner), targets(network, inputs));
        }

        /** Draws the target of each output, in the shape that it has for these inputs. */
        private static Map<String, Target> targets(Network network, Inputs inputs) {
            SplittableRandom random = new SplittableRandom(0);
            Inputs.Input read = inputs.first();
            Map<String, Target> targets = new LinkedHashMap<>();
            network.outputShapes()
                    .forEach(
                            (name, built) -> {
                                long[] dims = built.getShape().clone();
                                dims[0] = read.shape().get(0);
                                if (read.ids().length > 0 && dims.length > 2) {
                                    dims[1] = read.shape().get(1);
                                }
                                targets.put(name, target(new Shape(dims), random));
                            });
            return targets;
        }

        /** Draws a class for each row of logits. Outputs of other shapes learn to be 0. */
        private static Target target(Shape output, SplittableRandom random) {
            int size = Math.toIntExact(output.size());
            int last = Math.toIntExact(output.get(output.dimension() - 1));
            return last > 1 && output.dimension() <= 3
                    ? new Target.Classes(random.ints(size / last, 0, last).toArray())
                    : new Target.Numbers(new float[size], output);
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
            training.poll(training.maxPending());
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
                NDList next = prompts.create(manager);
                for (int i = 0; i < tokens; i++) {
                    try (NDManager scratch = manager.newSubManager()) {
                        next.attach(scratch);
                        NDArray logits = network.predictNext(next, cache);
                        long[] chosen = best(logits);
                        Shape column = new Shape(chosen.length, 1);
                        // The cache holds what the first pass read of a source.
                        next = new NDList(Values.create(manager, chosen, column));
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
