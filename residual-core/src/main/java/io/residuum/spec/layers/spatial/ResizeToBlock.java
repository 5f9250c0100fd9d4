package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import java.util.List;
import java.util.Locale;

/**
 * Interpolates images to the height and width of others: {@code (N, C, H, W), (N, D, H', W') -> (N,
 * C, H', W')}.
 */
final class ResizeToBlock extends MultiLayer {
    private final Interpolation interpolation;

    /**
     * Creates the block.
     *
     * @param inputs the shapes of the images and of those with the wanted size
     * @param interpolation the function between positions, by the ratio of the sizes
     */
    ResizeToBlock(List<Shape> inputs, Interpolation interpolation) {
        super(inputs);
        this.interpolation = interpolation;
        inputs.forEach(input -> requireRank("resizeTo", input, 4));
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray x = in.get(0);
        Shape wanted = in.get(1).getShape().slice(2);
        return new NDList(
                x.getShape().slice(2).equals(wanted)
                        ? x
                        : pass.ops().resize(x, wanted.get(0), wanted.get(1), interpolation));
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        return List.of(in.get(0).slice(0, 2).addAll(in.get(1).slice(2)));
    }

    @Override
    public String describe() {
        return "ResizeTo(%s%s)"
                .formatted(
                        interpolation.mode().name().toLowerCase(Locale.ROOT),
                        interpolation.alignCorners() ? ", align corners" : "");
    }
}
