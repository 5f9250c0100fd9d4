package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.Seeds;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.nn.Shapes;
import io.residuum.spec.InputSpec;
import io.residuum.spec.NamedInput;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Supplies the batches of an analysis, the same each time. */
interface Samples {

    /** Opens the batches from the first on. */
    Pass open();

    /** One pass over the samples. */
    interface Pass extends Supplier<TrainingBatch>, AutoCloseable {
        @Override
        void close();
    }

    /** Returns the training batches of a task. */
    static Samples of(Network network, Task task, Recipe recipe) {
        return () -> {
            BatchSource source = task.trainingBatches(network.spec(), recipe);
            return new Pass() {
                private int number;
                private int left;
                private BatchSource.Epoch epoch = source.epoch(1);

                @Override
                public TrainingBatch get() {
                    if (left == 0) {
                        epoch.close();
                        epoch = source.epoch(++number);
                        left = source.batches();
                    }
                    left--;
                    return epoch.next();
                }

                @Override
                public void close() {
                    epoch.close();
                    source.close();
                }
            };
        };
    }

    /** Returns batches of normal numbers and uniform ids, with classes at random. */
    static Samples random(Network network, int batch, long seed) {
        return () -> {
            SplittableRandom random = Seeds.random(seed);
            return new Pass() {
                @Override
                public TrainingBatch get() {
                    return new RandomBatch(network, batch, random.nextLong());
                }

                @Override
                public void close() {}
            };
        };
    }

    /** A batch of random numbers. */
    record RandomBatch(Network network, int samples, long seed) implements TrainingBatch {

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            SplittableRandom own = Seeds.random(seed, 0);
            NDList inputs = new NDList();
            for (NamedInput input : network.spec().input().all()) {
                Shape shape = batch(input.input().batchShape());
                int size = Math.toIntExact(shape.size());
                NDArray array;
                if (input.input() instanceof InputSpec.Tokens tokens) {
                    long[] ids = own.longs(size, 0, tokens.vocabulary()).toArray();
                    array = Values.create(manager, ids, shape);
                } else {
                    array = Values.create(manager, normal(own, size), shape, type);
                }
                if (!inputs.isEmpty()) {
                    array.setName(input.name());
                }
                inputs.add(array);
            }
            return inputs;
        }

        private Shape batch(Shape shape) {
            return new Shape(samples).addAll(shape.slice(1));
        }

        @Override
        public Map<String, Target> targets() {
            SplittableRandom own = Seeds.random(seed, 1);
            Map<String, Target> targets = new LinkedHashMap<>();
            network.outputShapes()
                    .forEach(
                            (name, shape) -> {
                                int classes = Math.toIntExact(Shapes.channels(shape));
                                Shape all = batch(shape);
                                int size = Math.toIntExact(all.size());
                                // One class has no loss: a single number is a regression.
                                targets.put(
                                        name,
                                        classes == 1
                                                ? new Target.Numbers(normal(own, size), all)
                                                : new Target.Classes(
                                                        own.ints(size / classes, 0, classes)
                                                                .toArray()));
                            });
            return targets;
        }

        private static float[] normal(SplittableRandom random, int size) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return values;
        }
    }
}
