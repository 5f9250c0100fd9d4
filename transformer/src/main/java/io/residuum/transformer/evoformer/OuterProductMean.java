package io.residuum.transformer.evoformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.EndsInMap;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean over rows of the outer products of all pairs of columns, {@code (N, R, T, C) -> (N, T,
 * T, width)}: pairs from a sequence alignment (Jumper et al. 2021, Supplementary Algorithm 10). Use
 * it as the branch of a residual unit of pairs with {@code "read"}.
 *
 * <p>Parameters: {@code left} and {@code right}; {@code output}, which starts at 0.
 *
 * @param units width of the two vectors of a product. Default: 32
 * @param width width of the output
 * @param masked true to take the mean over the rows in which both columns have 1 in the side input
 *     {@code mask} {@code (N, R, T)}; a small number is added to the count of rows. Default: false
 */
@TypeName("outerProductMean")
public record OuterProductMean(
        @Default("\"\"") String name,
        @Default("32") int units,
        int width,
        @Default("false") boolean masked)
        implements LayerSpec {
    public OuterProductMean {
        Check.positive("units", units);
        Check.positive("width", width);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new OuterProductMeanBlock(input, this);
    }

    /**
     * The mean over rows of outer products of columns, {@code (N, R, T, C) -> (N, T, T, width)}.
     */
    private static final class OuterProductMeanBlock extends Layer
            implements CountsMacs, EndsInMap {
        /** AlphaFold's, added to the number of rows that both columns have. */
        private static final double EPS = 1e-3;

        private final int units;
        private final boolean masked;
        private final Layer left;
        private final Layer right;
        private final Layer output;

        /** Creates the block for an input {@code (-1, R, T, C)} with channels last. */
        OuterProductMeanBlock(Shape input, OuterProductMean spec) {
            super(input);
            Streams.require("an outer product mean", input);
            units = spec.units();
            masked = spec.masked();
            left = child("left", Streams.map(input, units));
            right = child("right", Streams.map(input, units));
            long t = input.get(2);
            Shape products = Streams.shape(-1, t, t, Shapes.product(units, units));
            output = child("output", Streams.output(products, spec.width()));
        }

        /** {@code output(mean over r of left(x)_ri right(x)_rj')} for columns i and j. */
        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            long rows = x.getShape().get(1);
            long t = x.getShape().get(2);
            NDArray a = left.forward(pass, x);
            // Without a mask, the mean of products is the product with one divided side.
            NDArray first = masked ? Streams.masked(pass, a) : pass.ops().mul(a, 1.0 / rows);
            NDArray b = right.forward(pass, x);
            NDArray second = masked ? Streams.masked(pass, b) : b;
            NDArray products =
                    pass.ops()
                            .batchedProductTransposed(columns(first), columns(second))
                            .reshape(-1, t, units, t, units)
                            .transpose(0, 1, 3, 2, 4)
                            .reshape(-1, t, t, (long) units * units);
            return output.forward(pass, masked ? products.div(counts(pass, x)) : products);
        }

        /** {@return the number of rows that both columns have, {@code (N, T, T, 1)}} */
        private static NDArray counts(ForwardPass pass, NDArray x) {
            NDArray columns = Streams.mask(pass, x).transpose(0, 2, 1);
            NDArray counts = pass.ops().batchedProductTransposed(columns, columns);
            return pass.ops().add(counts, EPS).expandDims(3);
        }

        @Override
        public SideInputs sideInputs() {
            return Streams.sideInputs(masked);
        }

        /** {@return columns and their channels beside all rows, {@code (N, T units, R)}} */
        private NDArray columns(NDArray x) {
            Shape shape = x.getShape();
            return x.transpose(0, 2, 3, 1).reshape(-1, shape.get(2) * units, shape.get(1));
        }

        @Override
        public Shape outputShape(Shape in) {
            return output.outputShape(Streams.shape(in.get(0), in.get(2), in.get(2), units));
        }

        @Override
        public long macs(Shape in) {
            return Shapes.product(products(in), in.get(1));
        }

        private long products(Shape in) {
            return Shapes.product(Shapes.batch(in), in.get(2), in.get(2), units, units);
        }

        /** Counts the products in two orders, and the vectors beside all rows. */
        @Override
        public long activations(Shape in) {
            long vectors = Shapes.product(Shapes.batch(in), 3, in.get(1), in.get(2), units);
            return Math.addExact(Shapes.product(masked ? 3 : 2, products(in)), vectors);
        }

        @Override
        public String lastMap() {
            return "output";
        }

        @Override
        public String describe() {
            return "OuterProductMean(" + units + (masked ? ", masked)" : ")");
        }
    }
}
