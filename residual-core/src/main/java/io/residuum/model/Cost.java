package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.GraphBlock;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.RepeatsChildren;
import io.residuum.spec.SpecException;
import java.util.List;
import java.util.Map;

/**
 * The cost of a layer with its children for one sample, computed by arithmetic without an engine.
 *
 * @param output the first output's shape, batch -1
 * @param parameters the number of trained values
 * @param buffers the number of values that are saved but not trained, such as running statistics
 * @param macs the multiply-accumulates of convolutions and matrix products
 * @param activationBytes the float32 bytes of every operation's output: about the memory of one
 *     sample in training
 */
public record Cost(Shape output, long parameters, long buffers, long macs, long activationBytes) {

    /**
     * {@return the cost of a layer with its children}
     *
     * @param layer the layer; it need not be initialized
     * @throws SpecException if a number is 2^63 or more
     */
    public static Cost of(Layer layer) {
        try {
            return sum(layer);
        } catch (ArithmeticException e) {
            throw tooLarge(layer, e);
        }
    }

    static SpecException tooLarge(Layer layer, ArithmeticException cause) {
        return new SpecException(
                "parameters, multiply-accumulates and activation bytes must be below 2^63, got more in %s: use smaller sizes or fewer layers"
                        .formatted(layer.describe()),
                cause);
    }

    private static Cost sum(Layer layer) {
        Cost alone = ofAlone(layer);
        long parameters = alone.parameters;
        long buffers = alone.buffers;
        long macs = alone.macs;
        long bytes = alone.activationBytes;
        for (Map.Entry<String, Layer> child : layer.children().entrySet()) {
            Cost c = of(child.getValue());
            long runs = runs(layer, child.getKey());
            parameters = Math.addExact(parameters, c.parameters);
            buffers = Math.addExact(buffers, c.buffers);
            macs = Math.addExact(macs, Math.multiplyExact(runs, c.macs));
            bytes = Math.addExact(bytes, Math.multiplyExact(runs, c.activationBytes));
            for (Layer other : resized(layer, child.getKey())) {
                Cost more = of(other);
                macs = Math.addExact(macs, more.macs);
                bytes = Math.addExact(bytes, more.activationBytes);
            }
        }
        return new Cost(layer.outputShape(), parameters, buffers, macs, bytes);
    }

    /**
     * {@return the cost of a layer without its children}
     *
     * @param layer the layer; it need not be initialized
     */
    public static Cost ofAlone(Layer layer) {
        long parameters = 0;
        long buffers = 0;
        for (Parameter p : layer.ownParameters().values()) {
            if (isBuffer(p)) {
                buffers += p.getShape().size();
            } else {
                parameters += p.getShape().size();
            }
        }
        Shape in = layer.inputShape();
        long bytes = Math.multiplyExact(Float.BYTES, layer.activations(in));
        long macs = layer instanceof CountsMacs counts ? counts.macs(in) : 0;
        return new Cost(layer.outputShape(), parameters, buffers, macs, bytes);
    }

    /** Returns the number of times that a layer runs a child in a forward pass. */
    static int runs(Layer layer, String child) {
        return layer instanceof RepeatsChildren repeats ? repeats.runs(child) : 1;
    }

    /** Returns what a layer runs with the weights of a child on images of other sizes. */
    static List<Layer> resized(Layer layer, String child) {
        return layer instanceof GraphBlock graph ? graph.resized(child) : List.of();
    }

    boolean isPositive() {
        return parameters + buffers + macs + activationBytes > 0;
    }

    /**
     * {@return true for a buffer, which is saved but never trained; false for a weight, frozen or
     * not}
     */
    public static boolean isBuffer(Parameter p) {
        return p.getType() == Parameter.Type.RUNNING_MEAN
                || p.getType() == Parameter.Type.RUNNING_VAR;
    }
}
