package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.norm.L2NormalizeBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins the shortcut and the branch of a residual unit. In all kinds, s is the output of the
 * shortcut and y the output of the branch.
 */
public sealed interface Merge {

    /**
     * {@return the merged array}
     *
     * @param s the output of the shortcut
     * @param y the output of the branch
     * @param x the input of the unit
     */
    NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x);

    /**
     * {@return the merged shape; by default the equal shape of both}
     *
     * @param s the shape of the shortcut
     * @param y the shape of the branch
     * @throws IllegalArgumentException if the shapes cannot be merged
     */
    default Shape outputShape(Shape s, Shape y) {
        return requireEqual(s, y);
    }

    /** {@return the layers with the merge's own parameters, by name; none by default} */
    default Map<String, Layer> layers() {
        return Map.of();
    }

    /**
     * {@code shortcut * s + branch * y}. The original unit has weights 1 and 1. DeepNorm (Wang et
     * al. 2022) has alpha and 1.
     *
     * @param shortcut the weight of the shortcut
     * @param branch the weight of the branch
     */
    record Add(double shortcut, double branch) implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            return pass.ops().add(scaled(pass, y, branch), scaled(pass, s, shortcut));
        }

        private static NDArray scaled(ForwardPass pass, NDArray a, double weight) {
            return weight == 1 ? a : pass.ops().mul(a, weight);
        }
    }

    /**
     * The channels of s, then the channels of y (DenseNet, Huang et al. 2017).
     *
     * @param axis the axis of the channels
     */
    record Concat(int axis) implements Merge {
        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            return NDArrays.concat(new NDList(s, y), axis);
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
     * @param gate computes g before the sigmoid from the unit's input, in the merged shape
     * @param branchToo true to gate the branch as well
     */
    record Gate(Layer gate, boolean branchToo) implements Merge {
        @Override
        public Map<String, Layer> layers() {
            return Map.of("gate", gate);
        }

        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray g = gate.forward(pass, x).getNDArrayInternal().sigmoid();
            // s + g (y - s) equals (1 - g) s + g y and saves a product.
            return branchToo ? y.sub(s).mul(g).add(s) : y.add(s.sub(s.mul(g)));
        }
    }

    /**
     * {@code s_j + w_j y} for each stream j, with weights that may depend on the unit's input
     * (hyper-connections, Zhu et al. 2024, Equation 2); or {@code s_j + w_j (y - s_a)}, with
     * weights that may depend on y (alternating updates, Baykal et al. 2023).
     *
     * @param write computes {@code w_j y}, or {@code w_j (y - s_a)}, for all streams
     * @param corrects true for {@code w_j (y - s_a)}
     */
    record Write(Layer write, boolean corrects) implements Merge {
        @Override
        public Map<String, Layer> layers() {
            return Map.of("write", write);
        }

        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray written = write.forward(pass, new NDList(corrects ? s : x, y)).head();
            return pass.ops().add(written, s);
        }

        @Override
        public Shape outputShape(Shape s, Shape y) {
            return requireEqual(s, write.outputShapes(List.of(s, y)).get(0));
        }
    }

    /**
     * The gate of a gated recurrent unit, whose state is s and whose input is y: {@code (1 - z) s +
     * z h} with {@code r = sigmoid(Wr y + Ur s)}, {@code z = sigmoid(Wz y + Uz s + b)} and {@code h
     * = tanh(Wh y + Uh (r s))} (GTrXL, Parisotto et al. 2019, arXiv:1910.06764, Section 3.2).
     *
     * @param branch computes Wr y, Wz y and Wh y, one after the other in the channels
     * @param reset computes Ur s
     * @param update computes Uz s + b
     * @param candidate computes Uh (r s)
     * @param axis the axis of the channels
     */
    record Gru(Layer branch, Layer reset, Layer update, Layer candidate, int axis)
            implements Merge {
        @Override
        public Map<String, Layer> layers() {
            Map<String, Layer> layers = new LinkedHashMap<>();
            layers.put("gruBranch", branch);
            layers.put("gruReset", reset);
            layers.put("gruUpdate", update);
            layers.put("gruCandidate", candidate);
            return layers;
        }

        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray all = branch.forward(pass, y);
            NDArray r = sigmoid(part(pass, all, 0).add(reset.forward(pass, s)));
            NDArray z = sigmoid(part(pass, all, 1).add(update.forward(pass, s)));
            NDArray h = part(pass, all, 2).add(candidate.forward(pass, s.mul(r))).tanh();
            return h.sub(s).mul(z).add(s);
        }

        private static NDArray sigmoid(NDArray x) {
            return x.getNDArrayInternal().sigmoid();
        }

        private NDArray part(ForwardPass pass, NDArray all, int index) {
            long width = all.getShape().get(axis) / 3;
            return pass.ops().slice(all, axis, index * width, (index + 1) * width);
        }
    }

    /**
     * Erases and writes s along one direction: {@code s + b k (v - k's)}, where k is y divided by
     * its norm, and b in (0, 2) and v are one number each for a position of s (Deep Delta Learning,
     * Zhang et al. 2026, arXiv:2601.00417, Section 2). The factor of s, {@code I - b k k'}, has the
     * eigenvalue 1 - b along k and 1 elsewhere.
     *
     * @param beta computes b from s, before {@code 2 sigmoid}
     * @param value computes v from s
     * @param axis the axis of the channels
     */
    record Delta(Layer beta, Layer value, int axis) implements Merge {
        private static final double EPS = 1e-6;

        @Override
        public Map<String, Layer> layers() {
            Map<String, Layer> layers = new LinkedHashMap<>();
            layers.put("deltaBeta", beta);
            layers.put("deltaValue", value);
            return layers;
        }

        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray k = L2NormalizeBlock.normalize(pass, y, axis, EPS);
            NDArray b = pass.ops().mul(beta.forward(pass, s).getNDArrayInternal().sigmoid(), 2);
            NDArray old = s.mul(k).sum(new int[] {axis}, true);
            return s.add(k.mul(value.forward(pass, s).sub(old).mul(b)));
        }
    }

    /**
     * A step on the unit sphere from s towards y: {@code norm(s + a (norm(y) - s))} with a learned
     * step a per channel (nGPT, Loshchilov et al. 2024, arXiv:2410.01131, Section 2.2.2). The paper
     * approximates spherical linear interpolation so.
     *
     * @param step multiplies by a
     * @param axis the axis of the channels
     */
    record Slerp(Layer step, int axis) implements Merge {
        private static final double EPS = 1e-12;

        @Override
        public Map<String, Layer> layers() {
            return Map.of("step", step);
        }

        @Override
        public NDArray merge(ForwardPass pass, NDArray s, NDArray y, NDArray x) {
            NDArray target = L2NormalizeBlock.normalize(pass, y, axis, EPS);
            NDArray moved = s.add(step.forward(pass, target.sub(s)));
            return L2NormalizeBlock.normalize(pass, moved, axis, EPS);
        }
    }

    /** {@code y}, without a shortcut: a plain network. */
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
                    ("shortcut and branch must have one shape, got %s and %s: use a projection"
                                    + " shortcut, or a branch that keeps the shape")
                            .formatted(s, y));
        }
        return y;
    }
}
