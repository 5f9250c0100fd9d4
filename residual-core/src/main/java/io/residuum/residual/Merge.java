package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** How a shortcut and a branch become one. */
public sealed interface Merge {

    /**
     * Merges.
     *
     * @param pass the forward pass
     * @param s the shortcut's output
     * @param y the branch's output
     * @param x the unit's input
     * @return the merged array
     */
    NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x);

    /**
     * The merged shape.
     *
     * @param s the shortcut's shape
     * @param y the branch's shape
     * @return the shape
     */
    Shape outputShape(Shape s, Shape y);

    /**
     * A weighted sum. The classic unit has weights 1 and 1; DeepNorm (Wang et al. 2022) has alpha
     * and 1.
     */
    record Add(double shortcut, double branch) implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            return pass.ops().add(weigh(pass, y, branch), weigh(pass, s, shortcut));
        }

        private static NDArray weigh(ForwardPass pass, NDArray a, double weight) {
            return weight == 1 ? a : pass.ops().mul(a, weight);
        }

        @Override
        public Shape outputShape(Shape s, Shape y) {
            return requireEqual(s, y);
        }
    }

    /** Shortcut and branch side by side in the channels (DenseNet, Huang et al. 2017). */
    record Concat() implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            return NDArrays.concat(new NDList(s, y), Shapes.channelAxis(x.getShape()));
        }

        @Override
        public Shape outputShape(Shape s, Shape y) {
            long channels = Shapes.channels(s) + Shapes.channels(y);
            Shape merged = Shapes.withChannels(s, channels);
            if (!merged.equals(Shapes.withChannels(y, channels))) {
                throw new IllegalArgumentException(
                        "shortcut and branch must differ in channels only, got " + s + " and " + y);
            }
            return merged;
        }
    }

    /**
     * A learned gate g(x) in (0, 1): {@code (1 - g) s + g y} (Highway networks, Srivastava et al.
     * 2015; "exclusive gating" in He et al. 2016), or {@code (1 - g) s + y} ("shortcut-only
     * gating").
     *
     * @param gate computes g from the unit's input, in the merged shape
     * @param branchToo whether the branch is gated as well
     */
    record Gate(Layer gate, boolean branchToo) implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray g = gate.forward(pass, x).getNDArrayInternal().sigmoid();
            // s + g (y - s) is (1 - g) s + g y with one product less.
            return branchToo ? y.sub(s).mul(g).add(s) : y.add(s.sub(s.mul(g)));
        }

        @Override
        public Shape outputShape(Shape s, Shape y) {
            return requireEqual(s, y);
        }
    }

    /** The branch alone: a plain network. */
    record BranchOnly() implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            return y;
        }

        @Override
        public Shape outputShape(Shape s, Shape y) {
            return y;
        }
    }

    private static Shape requireEqual(Shape s, Shape y) {
        if (!s.equals(y)) {
            throw new IllegalArgumentException(
                    "shortcut and branch must have one shape, got "
                            + s
                            + " and "
                            + y
                            + ": use a projection shortcut, or a branch that keeps the shape");
        }
        return y;
    }
}
