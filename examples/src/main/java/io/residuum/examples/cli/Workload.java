package io.residuum.examples.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.train.ImageInputs;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingStep;
import java.util.SplittableRandom;

/** What a benchmark repeats. */
interface Workload extends AutoCloseable {

    /** Computes once, and waits for a result: engines may run behind their callers. */
    void step();

    @Override
    void close();

    static Workload of(BenchCommand.Mode mode, Network network, int batch) {
        return switch (mode) {
            case INFER -> new Inference(network, batch);
            case TRAIN -> new Training(network, batch);
        };
    }

    /** Normal numbers. */
    private static float[] gaussian(int size) {
        SplittableRandom random = new SplittableRandom(0);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Evaluations of one batch that is already where the network computes. */
    final class Inference implements Workload {
        private final Network network;
        private final NDManager owner;
        private final NDArray input;

        Inference(Network network, int batch) {
            this.network = network;
            this.owner = network.backend().newManager();
            long[] dims = network.spec().input().batchShape().getShape().clone();
            dims[0] = batch;
            this.input = input(network.spec().input(), new Shape(dims));
        }

        private NDArray input(InputSpec spec, Shape shape) {
            int size = Math.toIntExact(shape.size());
            if (spec instanceof InputSpec.Tokens tokens) {
                SplittableRandom random = new SplittableRandom(0);
                long[] ids = random.longs(size, 0, tokens.vocabulary()).toArray();
                return owner.create(ids, shape);
            }
            return owner.create(gaussian(size), shape);
        }

        @Override
        public void step() {
            try (NDManager manager = owner.newSubManager()) {
                // All that is computed belongs to the input's manager, and goes with it.
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

    /** The steps of a training run, on one batch of images. */
    final class Training implements Workload {
        private static final double LEARNING_RATE = 1e-3;

        private final TrainingStep training;
        private final float[] images;
        private final int[] labels;

        Training(Network network, int batch) {
            images =
                    gaussian(Math.multiplyExact(batch, ImageInputs.shape(network.spec()).length()));
            training = new TrainingStep(network, Recipe.defaults());
            int classes = Math.toIntExact(network.outputShape().get(1));
            labels = new SplittableRandom(0).ints(batch, 0, classes).toArray();
        }

        @Override
        public void step() {
            training.backward(images, labels, null, 1);
            training.update(LEARNING_RATE);
            // As in a run. On a GPU it is the result of the step before: once the times are steady,
            // from
            // one such result to the next is one whole step.
            training.poll(training.ahead());
        }

        @Override
        public void close() {
            training.poll(0);
            training.close();
        }
    }
}
