package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.norm.RmsNormBlock;
import java.util.function.BiFunction;

/** The parameters of weights that depend on the position: {@code scale f(W norm(x)) + bias}. */
final class Dynamic {
    private final Parameter weight;
    private final Parameter scale;
    private final Parameter bias;
    private final double eps;
    private final long macs;

    /**
     * Registers the parameters.
     *
     * @param owner their layer
     * @param count the rows of W, which starts at 0
     * @param width its columns
     * @param bias the initial bias
     * @param scale the initial scale
     * @param eps added to the mean square by the norm
     */
    Dynamic(Numbers.Owner owner, int count, long width, double[] bias, double scale, double eps) {
        this.weight = owner.parameter("weight", Init.ZEROS, count, width);
        this.scale = owner.parameter("scale", Init.constant((float) scale), 1);
        this.bias = owner.parameter("bias", Init.values(bias), bias.length);
        this.eps = eps;
        this.macs = count * width;
    }

    /**
     * Returns a function of {@code scale W norm(x) + bias} of all streams at each position, or of
     * the bias alone.
     */
    static Numbers numbers(
            Connection connection,
            Numbers.Owner owner,
            double[] bias,
            boolean perPosition,
            double scale,
            double eps,
            BiFunction<ForwardPass, NDArray, NDArray> function) {
        if (!perPosition) {
            Parameter fixed = owner.parameter("bias", Init.values(bias), bias.length);
            return Numbers.ofAll(
                    (pass, like) -> {
                        NDArray row = pass.value(fixed).reshape(1, -1);
                        row.attach(like.getManager());
                        return function.apply(pass, row);
                    });
        }
        long width = connection.streams() * connection.width();
        Dynamic dynamic = new Dynamic(owner, connection.count(), width, bias, scale, eps);
        return Numbers.perPosition(
                dynamic.macs,
                (pass, rows) ->
                        function.apply(pass, dynamic.affine(pass, dynamic.projected(pass, rows))));
    }

    /** Returns {@code W norm(x)} over the last axis. */
    NDArray projected(ForwardPass pass, NDArray x) {
        return linear(rms(pass, x, eps), pass.value(weight));
    }

    /** Returns {@code scale x + bias}. */
    NDArray affine(ForwardPass pass, NDArray x) {
        return x.mul(pass.value(scale)).add(pass.value(bias));
    }

    long macs() {
        return macs;
    }

    static NDArray rms(ForwardPass pass, NDArray x, double eps) {
        return RmsNormBlock.normalize(pass, x, x.getShape().dimension() - 1, eps);
    }

    static NDArray linear(NDArray x, NDArray weight) {
        return x.getNDArrayInternal().linear(x, weight, null).head();
    }
}
