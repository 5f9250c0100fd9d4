package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.Locale;

/**
 * Interpolates images to the height and width of others, for instance features of a decoder to
 * those of its encoder: {@code (N, C, H, W), (N, D, H', W') -> (N, C, H', W')}.
 *
 * @param mode function between positions along each axis. Default: nearest
 * @param alignCorners true to map the outermost positions onto each other; not for nearest.
 *     Default: false
 */
@TypeName("resizeTo")
public record ResizeTo(
        @Default("\"\"") String name,
        @Default("\"nearest\"") Interpolation.Mode mode,
        @Default("false") boolean alignCorners)
        implements SeveralInputs {
    public ResizeTo {
        Check.that(
                !alignCorners || mode != Interpolation.Mode.NEAREST,
                "alignCorners needs the mode bilinear or bicubic, got nearest");
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Check.that(
                inputs.size() == 2,
                "resizeTo must read two values, the images and those of the wanted size, got %s:"
                        + " name both in \"from\"",
                inputs.size());
        return new ResizeToBlock(inputs, new Interpolation(mode, alignCorners, 0, 0));
    }

    /**
     * Interpolates images to the height and width of others: {@code (N, C, H, W), (N, D, H', W') ->
     * (N, C, H', W')}.
     */
    private static final class ResizeToBlock extends MultiLayer {
        private final Interpolation interpolation;

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
}
