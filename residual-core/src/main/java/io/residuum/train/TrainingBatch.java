package io.residuum.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.nn.Layer;
import java.util.Map;

/**
 * The inputs and targets of one forward pass, in plain Java. Closing returns its buffers for reuse,
 * so do not use it afterwards.
 */
public interface TrainingBatch extends AutoCloseable {

    /**
     * {@return a batch of plain arrays}
     *
     * @param values the input, row by row
     * @param shape its shape, with the number of samples first
     * @param target the target of the network's only output, or of the one named {@code output}
     */
    static TrainingBatch of(float[] values, Shape shape, Target target) {
        return new TrainingBatch() {
            @Override
            public int samples() {
                return Math.toIntExact(shape.get(0));
            }

            @Override
            public NDList inputs(NDManager manager, DataType type) {
                return new NDList(Values.create(manager, values, shape, type));
            }

            @Override
            public Map<String, Target> targets() {
                return Map.of(Layer.OUTPUT, target);
            }
        };
    }

    /** {@return the number of units as the task counts them (images, tokens, texts), positive} */
    int samples();

    /**
     * Copies the inputs to the network's device.
     *
     * @param manager the owner of the arrays
     * @param type the type of inputs that are not integers
     * @return the network's input, then side inputs by name
     */
    NDList inputs(NDManager manager, DataType type);

    /**
     * {@return the targets by the name of their output. A single target belongs to the output of a
     * network that has one, whatever their names}
     */
    Map<String, Target> targets();

    @Override
    default void close() {}
}
