package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInScale;

/**
 * Batch normalization (Ioffe and Szegedy 2015). Keeps the shape. Running statistics follow
 * PyTorch's definition on every engine: {@code running = (1 - momentum) * running + momentum *
 * batch}, with the unbiased variance.
 *
 * <p>A frozen norm (its {@code weight} does not require a gradient) normalizes by its running
 * statistics in training too and does not update them.
 */
public final class BatchNormBlock extends Layer implements EndsInScale {
    private final float eps;
    private final float momentum;
    private final Parameter weight;
    private final Parameter bias;
    private final Parameter runningMean;
    private final Parameter runningVar;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, C, D, H, W)}, {@code (-1, T, C)} or {@code
     *     (-1, C)}
     * @param eps added to the variance
     * @param momentum the weight of the batch in the running statistics
     * @param weightInit the initial scale
     */
    public BatchNormBlock(Shape input, double eps, double momentum, Init weightInit) {
        super(input);
        requireRank("batch norm", input, 2, 3, 4, 5);
        this.eps = (float) eps;
        this.momentum = (float) momentum;
        long c = Shapes.channels(input);
        this.weight = parameter("weight", Parameter.Type.GAMMA, weightInit, c);
        this.bias = parameter("bias", Parameter.Type.BETA, Init.ZEROS, c);
        this.runningMean = buffer("running_mean", Parameter.Type.RUNNING_MEAN, Init.ZEROS, c);
        this.runningVar = buffer("running_var", Parameter.Type.RUNNING_VAR, Init.ONES, c);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        if (x.getShape().dimension() != 3) {
            return normalize(pass, x);
        }
        // The engines need channels on axis 1, so fold time into the batch.
        NDArray rows = x.reshape(-1, x.getShape().get(2));
        return normalize(pass, rows).reshape(x.getShape());
    }

    private NDArray normalize(ForwardPass pass, NDArray x) {
        NDArray gamma = pass.value(weight);
        NDArray beta = pass.value(bias);
        NDArray mean = pass.value(runningMean);
        NDArray variance = pass.value(runningVar);
        if (!pass.training() || !weight.requiresGradient()) {
            return pass.ops().batchNormInference(x, gamma, beta, mean, variance, eps);
        }
        if (x.size() == gamma.size()) {
            throw new IllegalArgumentException(
                    "batch norm needs two or more values per channel in training, got "
                            + x.getShape()
                            + "; use a larger batch or freeze the norm");
        }
        float weightOfBatch = pass.updatesStatistics() ? momentum : 0;
        return pass.ops().batchNormTraining(x, gamma, beta, mean, variance, eps, weightOfBatch);
    }
}
