package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean of windows that divide an image into a fixed number of rows and columns, {@code (N, C,
 * H, W) -> (N, C, height, width)}.
 *
 * @param size size of the output
 */
@TypeName("adaptiveAveragePool2d")
public record AdaptiveAveragePool2d(@Default("\"\"") String name, Size2d size)
        implements LayerSpec {
    public AdaptiveAveragePool2d {
        size.requireAtLeast("size", 1);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AdaptiveAveragePoolBlock(input, size.height(), size.width());
    }

    /**
     * Averages images to a fixed size, {@code (N, C, H, W) -> (N, C, height, width)}. Row i of the
     * output averages rows {@code floor(i H / height)} to {@code ceil((i + 1) H / height)}
     * (exclusive), as in PyTorch.
     */
    private static final class AdaptiveAveragePoolBlock extends Layer {
        private static final Shape NONE = new Shape(0, 0);

        private final int height;
        private final int width;

        AdaptiveAveragePoolBlock(Shape input, int height, int width) {
            super(input);
            requireRank("adaptive pooling", input, 4);
            this.height = height;
            this.width = width;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape s = x.getShape();
            if (s.get(2) % height == 0 && s.get(3) % width == 0) {
                Shape window = new Shape(s.get(2) / height, s.get(3) / width);
                return x.getNDArrayInternal().avgPool(window, window, NONE, false, true);
            }
            NDArray columns = x.matMul(means(x, s.get(3), width));
            NDArray rows = columns.transpose(0, 1, 3, 2).matMul(means(x, s.get(2), height));
            return rows.transpose(0, 1, 3, 2);
        }

        /** {@return the matrix (in, out) whose columns average the positions of one output each} */
        private static NDArray means(NDArray x, long in, int out) {
            double[] matrix = new double[Math.toIntExact(in * out)];
            for (int i = 0; i < out; i++) {
                long from = i * in / out;
                long to = ((i + 1) * in + out - 1) / out;
                for (long k = from; k < to; k++) {
                    matrix[(int) (k * out + i)] = 1.0 / (to - from);
                }
            }
            return Values.create(x.getManager(), matrix, new Shape(in, out), x.getDataType());
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(1), height, width);
        }

        @Override
        public String describe() {
            return "AdaptiveAveragePool2d(" + height + "x" + width + ")";
        }
    }
}
