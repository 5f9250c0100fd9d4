package io.residuum.transformer.evoformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInputs;
import io.residuum.nn.norm.LayerNormBlock;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.EndsInMap;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.transformer.evoformer.TriangleMultiplication.Edges;
import java.util.Locale;

/**
 * The triangle multiplicative update of pairs, {@code (N, T, T, C) -> (N, T, T, C)} (Jumper et al.
 * 2021, Supplementary Algorithms 11 and 12). Two gated maps a and b of each pair meet in the sum
 * over a third position: {@code sum_k a_ik b_jk} of outgoing edges, {@code sum_k a_ki b_kj} of
 * incoming ones.
 *
 * <p>Parameters: {@code left}, {@code leftGate}, {@code right} and {@code rightGate}; {@code norm};
 * {@code gate}; {@code output}, which starts at 0.
 *
 * @param units width of a and b; 0 for C. Default: 0
 * @param edges {@code outgoing} or {@code incoming}. Default: outgoing
 * @param masked true to leave out pairs with 0 in the side input {@code mask} {@code (N, T, T)}.
 *     Default: false
 */
@TypeName("triangleMultiplication")
public record TriangleMultiplication(
        @Default("\"\"") String name,
        @Default("0") int units,
        @Default("\"outgoing\"") Edges edges,
        @Default("false") boolean masked)
        implements LayerSpec {

    /** The edges of a triangle that meet. */
    public enum Edges {
        /** From i to k and from j to k. */
        OUTGOING,
        /** From k to i and from k to j. */
        INCOMING
    }

    public TriangleMultiplication {
        Check.notNegative("units", units);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TriangleMultiplicationBlock(input, this);
    }

    /** The triangle multiplicative update of pairs, {@code (N, T, T, C) -> (N, T, T, C)}. */
    private static final class TriangleMultiplicationBlock extends Layer
            implements CountsMacs, EndsInMap {
        private static final double EPS = 1e-5;

        private final Edges edges;
        private final boolean masked;
        private final long units;
        private final Layer left;
        private final Layer leftGate;
        private final Layer right;
        private final Layer rightGate;
        private final Layer norm;
        private final Layer gate;
        private final Layer output;

        /** Creates the block for an input {@code (-1, T, T, C)} with channels last. */
        TriangleMultiplicationBlock(Shape input, TriangleMultiplication spec) {
            super(input);
            Streams.requirePairs("triangle multiplication", input);
            edges = spec.edges();
            masked = spec.masked();
            long channels = input.get(3);
            units = spec.units() == 0 ? channels : spec.units();
            left = child("left", Streams.map(input, units));
            leftGate = child("leftGate", Streams.gate(input, units));
            right = child("right", Streams.map(input, units));
            rightGate = child("rightGate", Streams.gate(input, units));
            Shape sums = left.outputShape();
            norm = child("norm", new LayerNormBlock(sums, EPS, Init.ONES));
            gate = child("gate", Streams.gate(input, channels));
            output = child("output", Streams.output(sums, channels));
        }

        /**
         * {@code sigmoid(gate(x)) output(norm(sum_k a_ik b_jk))}, with transposed a and b if
         * incoming.
         */
        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            long t = x.getShape().get(1);
            NDArray a = edges(pass, Streams.gated(pass, leftGate, x, left.forward(pass, x)));
            NDArray b = edges(pass, Streams.gated(pass, rightGate, x, right.forward(pass, x)));
            NDArray sums =
                    pass.ops()
                            .batchedProductTransposed(a, b)
                            .reshape(-1, units, t, t)
                            .transpose(0, 2, 3, 1);
            NDArray update = output.forward(pass, norm.forward(pass, sums));
            return Streams.gated(pass, gate, x, update);
        }

        /** {@return a matrix of edges for each channel, {@code (N units, T, T)}} */
        private NDArray edges(ForwardPass pass, NDArray x) {
            NDArray open = masked ? Streams.masked(pass, x) : x;
            NDArray turned =
                    edges == Edges.OUTGOING
                            ? open.transpose(0, 3, 1, 2)
                            : open.transpose(0, 3, 2, 1);
            return turned.reshape(-1, x.getShape().get(1), x.getShape().get(1));
        }

        @Override
        public SideInputs sideInputs() {
            return Streams.sideInputs(masked);
        }

        @Override
        public long macs(Shape in) {
            long t = in.get(1);
            return Shapes.product(Shapes.batch(in), units, t, t, t);
        }

        /** Counts gates, gated maps in two orders and sums in two orders, then the gated output. */
        @Override
        public long activations(Shape in) {
            long pairs = Shapes.product(Shapes.batch(in), in.get(1), in.get(1));
            return Math.addExact(
                    Shapes.product(masked ? 10 : 8, pairs, units),
                    Shapes.product(2, pairs, in.get(3)));
        }

        @Override
        public String lastMap() {
            return "output";
        }

        @Override
        public String describe() {
            String kind = edges.name().toLowerCase(Locale.ROOT);
            return "TriangleMultiplication(" + kind + ", " + units + (masked ? ", masked)" : ")");
        }
    }
}
