package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import io.residuum.nn.norm.RmsNormBlock;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Attention over depth at each position: a softmax of {@code q . norm(s)} weighs the saved states
 * and the input, where q is a learned query (Kimi Team 2026, "Attention Residuals",
 * arXiv:2603.15031). It starts at 0, so that the result starts as the mean. Parameter: {@code query
 * (C)}.
 *
 * @param of the names of the states, one or more
 * @param eps added to the mean square by the RMS norm. Default: 1e-6
 */
@TypeName("attend")
public record Attend(@Default("\"\"") String name, Names of, @Default("1e-6") double eps)
        implements ReadSpec {
    public Attend {
        Average.requireStates(of);
        Check.positive("eps", eps);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AttendBlock(input, of.all(), eps);
    }

    /** Weighs saved states and the input by a softmax over depth. Keeps the shape. */
    private static final class AttendBlock extends Layer implements LinksWeights, CountsMacs {
        private final List<String> states;
        private final double eps;
        private final int axis;
        private final Parameter query;

        AttendBlock(Shape input, List<String> states, double eps) {
            super(input);
            Shapes.requireFloats("attend", input);
            this.states = states;
            this.eps = eps;
            this.axis = Shapes.channelAxis(input);
            this.query =
                    parameter("query", Parameter.Type.OTHER, Init.ZEROS, Shapes.channels(input));
        }

        @Override
        public void link(String path, Layer network) {
            SavedNames.require(path, this, network, states);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDList all = new NDList();
            states.forEach(name -> all.add(pass.states().get(pass, name)));
            all.add(x);
            NDList scores = new NDList();
            for (NDArray state : all) {
                NDArray key = RmsNormBlock.normalize(pass, state, axis, eps);
                NDArray products = pass.ops().affine(key, axis, pass.value(query), null);
                scores.add(products.sum(new int[] {axis}, true));
            }
            NDArray shares = NDArrays.concat(scores, axis).softmax(axis);
            NDList each = shares.split(LongStream.range(1, all.size()).toArray(), axis);
            NDArray sum = x.mul(each.get(states.size()));
            for (int i = 0; i < states.size(); i++) {
                sum = pass.ops().add(sum, all.get(i).mul(each.get(i)));
            }
            return sum;
        }

        @Override
        public long macs(Shape in) {
            return Shapes.product(2, states.size() + 1L, Shapes.size(in));
        }

        @Override
        public long activations(Shape in) {
            return Shapes.product(4, states.size() + 1L, Shapes.size(in));
        }

        @Override
        public String describe() {
            return "Attend(" + String.join(", ", states) + ")";
        }
    }
}
