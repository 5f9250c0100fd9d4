package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.Reseedable;
import java.util.List;
import java.util.Map;

/** Layers side by side on one input, whose outputs are added, concatenated or mixed at random. */
public final class ParallelBlock extends Layer implements Reseedable {

    /** The operation that joins the outputs. */
    public enum Merge {
        /** The sum; all outputs have one shape. */
        ADD,
        /** The channels of the first output, then those of the second, and so on. */
        CONCAT,
        /**
         * {@code a y1 + (1 - a) y2} with a random a per sample, and another one in the backward
         * pass; the mean in evaluation (shake-shake, Gastaldi 2017, arXiv:1705.07485).
         */
        SHAKE
    }

    private final List<Layer> layers;
    private final Merge merge;
    private final RandomFactors forwardDraws = new RandomFactors();
    private final RandomFactors backwardDraws = new RandomFactors();

    /**
     * Creates the block.
     *
     * @param layers one or more layers by name
     * @param merge the operation that joins their outputs
     * @throws IllegalArgumentException if the outputs have shapes that cannot be merged
     */
    public ParallelBlock(Shape input, Map<String, Layer> layers, Merge merge) {
        super(input);
        this.layers = List.copyOf(layers.values());
        this.merge = merge;
        layers.forEach(this::child);
        Shape first = comparable(this.layers.get(0).outputShape());
        layers.forEach(
                (name, layer) -> {
                    if (!comparable(layer.outputShape()).equals(first)) {
                        throw new IllegalArgumentException(
                                String.format(
                                        "parallel layers must have outputs of equal shape%s, got %s"
                                                + " of the first and %s of \"%s\"",
                                        merge == Merge.CONCAT ? " except for the channels" : "",
                                        this.layers.get(0).outputShape(),
                                        layer.outputShape(),
                                        name));
                    }
                });
    }

    /** {@return the shape without what may differ between the outputs} */
    private Shape comparable(Shape shape) {
        return merge == Merge.CONCAT ? Shapes.withChannels(shape, 1) : shape;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        if (merge == Merge.CONCAT) {
            NDList outputs = new NDList(layers.size());
            layers.forEach(layer -> outputs.add(layer.forward(pass, x)));
            return NDArrays.concat(outputs, Shapes.channelAxis(layers.get(0).outputShape()));
        }
        if (merge == Merge.SHAKE) {
            return shaken(pass, layers.get(0).forward(pass, x), layers.get(1).forward(pass, x));
        }
        NDArray sum = layers.get(0).forward(pass, x);
        for (Layer layer : layers.subList(1, layers.size())) {
            sum = pass.ops().add(sum, layer.forward(pass, x));
        }
        return sum;
    }

    /** Draws 2 a, whose mean is 1: {@code (2 a y1 + (2 - 2 a) y2) / 2}. */
    private NDArray shaken(ForwardPass pass, NDArray first, NDArray second) {
        Ops ops = pass.ops();
        if (!pass.dropsOut()) {
            return ops.mul(first.add(second), 0.5);
        }
        NDArray forward = forwardDraws.draw(pass, first, true, u -> 2 * u);
        NDArray backward = backwardDraws.draw(pass, first, true, u -> 2 * u);
        NDArray difference = RandomFactors.multiply(pass, first.sub(second), forward, backward);
        return ops.mul(difference.add(ops.mul(second, 2)), 0.5);
    }

    @Override
    public void reseed(long seed) {
        forwardDraws.reseed(seed);
        backwardDraws.reseed(seed + 1);
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape first = layers.get(0).outputShape(in);
        if (merge != Merge.CONCAT) {
            return first;
        }
        long channels = 0;
        for (Layer layer : layers) {
            channels = Math.addExact(channels, Shapes.channels(layer.outputShape(in)));
        }
        return Shapes.withChannels(first, channels);
    }

    /** {@return the number of elements of the sums, or of the concatenation} */
    @Override
    public long activations(Shape in) {
        long arrays = merge == Merge.CONCAT ? 1 : layers.size() - 1;
        return Shapes.product(arrays, Shapes.size(outputShape(in)));
    }

    @Override
    public String describe() {
        return switch (merge) {
            case ADD -> "Parallel";
            case CONCAT -> "Parallel(concat)";
            case SHAKE -> "Parallel(shake)";
        };
    }
}
