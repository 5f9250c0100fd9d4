package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.RepeatsChildren;

/**
 * What a layer and all below it cost, for one sample: computed by arithmetic, without an engine.
 *
 * @param output the output's shape, batch -1
 * @param parameters trained numbers
 * @param buffers numbers that are saved but not trained, such as running statistics
 * @param macs multiply-accumulates of convolutions and matrix products
 * @param activationBytes float32 bytes of every operation's output: about what one sample costs in
 *     training
 */
public record Cost(Shape output, long parameters, long buffers, long macs, long activationBytes) {

    /**
     * The cost of a layer.
     *
     * @param layer the layer; it need not be initialized
     * @return its cost
     */
    public static Cost of(Layer layer) {
        Cost alone = ofAlone(layer);
        long parameters = alone.parameters;
        long buffers = alone.buffers;
        long macs = alone.macs;
        long bytes = alone.activationBytes;
        int runs = runs(layer);
        for (Layer child : layer.children().values()) {
            Cost c = of(child);
            parameters += c.parameters;
            buffers += c.buffers;
            macs += runs * c.macs;
            bytes += runs * c.activationBytes;
        }
        return new Cost(layer.outputShape(), parameters, buffers, macs, bytes);
    }

    /**
     * The cost of a layer without that of its children.
     *
     * @param layer the layer; it need not be initialized
     * @return what it owns and does itself
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
        long bytes = Float.BYTES * layer.activations(in);
        long macs = layer instanceof CountsMacs counts ? counts.macs(in) : 0;
        return new Cost(layer.outputShape(), parameters, buffers, macs, bytes);
    }

    /** Returns how often a layer runs its children in one pass. */
    static int runs(Layer layer) {
        return layer instanceof RepeatsChildren repeats ? repeats.runs() : 1;
    }

    /** Whether there is any cost at all. */
    boolean isAnything() {
        return parameters + buffers + macs + activationBytes > 0;
    }

    /**
     * Whether a parameter is a buffer by kind; a frozen weight is still a weight.
     *
     * @param p the parameter
     * @return true for what is saved but never trained
     */
    public static boolean isBuffer(Parameter p) {
        return p.getType() == Parameter.Type.RUNNING_MEAN
                || p.getType() == Parameter.Type.RUNNING_VAR;
    }
}
