package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The soft Dice loss of masks (Milletari et al. 2016, arXiv:1606.04797): {@code 1 - (2 |P T| + s) /
 * (|P| + |T| + s)} for each mask of each sample. Outputs are logits {@code (N, C, ...)}. Masks of 0
 * and 1 are compared with the sigmoid, labels of pixels with the softmax over the channels.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param smooth s, added to both sums, positive, so that empty masks have a loss. Default: 1
 */
@TypeName("dice")
public record DiceLoss(@Default("1.0") double weight, @Default("1.0") double smooth)
        implements LossSpec {
    public DiceLoss {
        Losses.checkWeight(weight);
        Losses.positive("smooth", smooth);
    }

    @Override
    public boolean binaryLogits() {
        return true;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        if (output.dimension() < 4) {
            throw new LossException(
                    "dice needs an output of masks (N, C, H, W), got %s".formatted(output));
        }
        float[] values = Losses.oneHot("dice", target, output).values();
        int masks = Math.toIntExact(output.get(0) * output.get(1));
        int pixels = values.length / masks;
        float[] filled = new float[values.length];
        float[] counts = new float[values.length];
        boolean[] known = new boolean[masks];
        for (int i = 0; i < values.length; i++) {
            if (!Float.isNaN(values[i])) {
                filled[i] = values[i];
                counts[i] = 1;
                known[i / pixels] = true;
            }
        }
        boolean labels = target instanceof Target.Classes;
        Shape rows = new Shape(masks, pixels);
        return new RowLoss(
                known,
                type,
                logits -> {
                    NDManager manager = logits.getManager();
                    NDArray probabilities =
                            labels ? logits.softmax(1) : logits.getNDArrayInternal().sigmoid();
                    NDArray counted =
                            probabilities
                                    .reshape(rows)
                                    .mul(Values.create(manager, counts, rows, type));
                    return errors(counted, Values.create(manager, filled, rows, type));
                });
    }

    private NDArray errors(NDArray probabilities, NDArray target) {
        Ops ops = Ops.of(probabilities.getManager());
        int[] pixels = {1};
        NDArray overlap = ops.add(ops.mul(probabilities.mul(target).sum(pixels), 2), smooth);
        NDArray areas = ops.add(probabilities.add(target).sum(pixels), smooth);
        return ops.mul(ops.sub(overlap.div(areas), 1), -1);
    }
}
