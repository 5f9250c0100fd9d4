package io.residuum.examples.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a benchmark repeats. */
interface Workload extends AutoCloseable {

    /** Computes once, and waits for the result: engines may run behind their callers. */
    void step();

    /** The median time of a step outside the engine; null where it is not known. */
    @Nullable Double overheadMicros();

    @Override
    void close();

    static Workload of(BenchCommand.Mode mode, Network network, int batch) {
        return switch (mode) {
            case INFER -> new Inference(network, batch);
            case TRAIN -> throw new UnsupportedOperationException();
        };
    }

    /** Random input of a network: normal features, or any token ids. */
    static NDArray randomInput(NDManager manager, InputSpec input, int batch) {
        long[] dims = input.batchShape().getShape();
        dims[0] = batch;
        Shape shape = new Shape(dims);
        SplittableRandom random = new SplittableRandom(0);
        int size = Math.toIntExact(shape.size());
        if (input instanceof InputSpec.Tokens tokens) {
            return manager.create(random.longs(size, 0, tokens.vocabulary()).toArray(), shape);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    /** Evaluations of one batch that is already where the network computes. */
    final class Inference implements Workload {
        private final Network network;
        private final NDManager owner;
        private final NDArray input;

        Inference(Network network, int batch) {
            this.network = network;
            this.owner = network.backend().newManager();
            this.input = randomInput(owner, network.spec().input(), batch);
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
        public @Nullable Double overheadMicros() {
            return null;
        }

        @Override
        public void close() {
            owner.close();
        }
    }
}
