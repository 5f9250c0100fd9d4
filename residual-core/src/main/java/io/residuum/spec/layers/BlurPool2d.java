package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Anti-aliased subsampling (Zhang 2019, arXiv:1904.11486): a binomial filter, {@code (N, C, H, W)
 * -> (N, C, H', W')}.
 *
 * @param kernel height and width of the filter, 2 or more. Default: 3
 * @param stride step. Default: 2
 * @param reflect true to reflect pixels at the edges, false for zeros around the image. Default:
 *     true
 */
@TypeName("blurPool2d")
public record BlurPool2d(
        @Default("\"\"") String name,
        @Default("3") int kernel,
        @Default("2") int stride,
        @Default("true") boolean reflect)
        implements LayerSpec {
    public BlurPool2d {
        Check.that(kernel >= 2, "kernel must be 2 or more, got %s", kernel);
        Check.positive("stride", stride);
    }

    /**
     * Creates a layer that reflects pixels at the edges.
     *
     * @param name its name; may be empty
     * @param kernel the height and width of the filter
     * @param stride the step
     */
    public BlurPool2d(String name, int kernel, int stride) {
        this(name, kernel, stride, true);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new BlurPoolBlock(input);
    }

    /**
     * Blurs images by a binomial filter and subsamples them (Zhang 2019, arXiv:1904.11486), {@code
     * (N, C, H, W) -> (N, C, H', W')}. Reflects {@code (kernel + stride - 2) / 2} pixels at each
     * edge, as timm does, or adds as many zeros.
     */
    private final class BlurPoolBlock extends Layer {
        private static final Shape ONE = new Shape(1, 1);
        private static final Shape TWO = new Shape(2, 2);
        private static final Shape NONE = new Shape(0, 0);

        private final int padding;

        BlurPoolBlock(Shape input) {
            super(input);
            requireRank("blur pooling", input, 4);
            this.padding = (kernel + stride - 2) / 2;
            outputShape(); // fails now if the window does not fit
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape edges = new Shape(padding, padding);
            NDArray y =
                    reflect || padding == 0
                            ? reflected(reflected(x, 2), 3)
                            : pass.ops().pad(x, edges, edges, 0);
            // The binomial filter of size k is k - 1 means of two neighbours.
            for (int i = 1; i < kernel; i++) {
                Shape step = i < kernel - 1 ? ONE : new Shape(stride, stride);
                y = y.getNDArrayInternal().avgPool(TWO, step, NONE, false, true);
            }
            return y;
        }

        private NDArray reflected(NDArray x, int axis) {
            long last = x.getShape().get(axis) - 1;
            NDList parts = new NDList(2 * padding + 1);
            for (long i = padding; i > 0; i--) {
                parts.add(position(x, axis, i));
            }
            parts.add(x);
            for (long i = 1; i <= padding; i++) {
                parts.add(position(x, axis, last - i));
            }
            return padding == 0 ? x : NDArrays.concat(parts, axis);
        }

        private static NDArray position(NDArray x, int axis, long at) {
            NDIndex index = new NDIndex();
            for (int i = 0; i < axis; i++) {
                index.addAllDim();
            }
            return x.get(index.addSliceDim(at, at + 1));
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(1), positions(in.get(2)), positions(in.get(3)));
        }

        private long positions(long size) {
            if (reflect && size <= padding) {
                throw new IllegalArgumentException(
                        "blur pooling reflects %d pixels and needs images larger than that, got %d: use a larger input or a smaller kernel"
                                .formatted(padding, size));
            }
            return Shapes.window(size, kernel, stride, padding, 1);
        }

        @Override
        public String describe() {
            return "BlurPool2d(" + kernel + "x" + kernel + ", stride " + stride + ")";
        }
    }
}
