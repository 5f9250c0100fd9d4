package io.residuum.vision.byobnet;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers of a {@link ByobNet} before the first stage. The first convolution has stride 2. If
 * several convolutions precede no pooling, the last one has stride 2 too.
 *
 * @param widths the channels of each convolution
 * @param kernel the window, odd. Default: 3
 * @param pool the pooling at the end. Default: none
 * @param plain the number of first convolutions without a norm and an activation. Default: 0
 * @param block {@code repvgg} or {@code mobileone} for such a block instead of a convolution.
 *     Default: basic, for convolutions
 * @param attention false for no attention in such a block. Default: true
 */
public record ByobStem(
        List<Integer> widths,
        @Default("3") int kernel,
        @Default("\"none\"") Pool pool,
        @Default("0") int plain,
        @Default("\"basic\"") ByobBlock.Kind block,
        @Default("true") boolean attention) {

    /** The pooling at the end of the stem, with stride 2. */
    public enum Pool {
        /** No pooling. */
        NONE,
        /** The maximum of 3x3 pixels. */
        MAX,
        /** The mean of 3x3 pixels. */
        AVERAGE,
        /** The maximum of 2x2 pixels. */
        MAX2,
        /** The mean of 2x2 pixels. */
        AVERAGE2
    }

    public ByobStem {
        widths = List.copyOf(widths);
        Check.that(!widths.isEmpty(), "widths must not be empty");
        widths.forEach(width -> Check.positive("widths", width));
        Check.odd("kernel", kernel);
        Check.that(
                plain >= 0 && plain < widths.size(),
                "plain must be in [0, %s), got %s",
                widths.size(),
                plain);
        Check.that(
                block == ByobBlock.Kind.BASIC
                        || block.folds() && widths.size() == 1 && pool == Pool.NONE,
                "block must be repvgg or mobileone, with one width and no pool, got %s",
                block);
    }

    /** Returns the channels of the output. */
    int channels() {
        return widths.get(widths.size() - 1);
    }

    LayerSpec expand(ByobUnit unit, boolean folded) {
        if (block.folds()) {
            ByobBlock row = new ByobBlock(block, 1, channels(), 2, 0, 1, kernel, 1, attention);
            return new ByobUnit.At("stem", row, 0, 2, folded, null).expand(unit);
        }
        int last = widths.size() - 1;
        if (last == 0 && pool == Pool.NONE) {
            return unit.layers("stem", conv(0).withStride(2), true);
        }
        List<LayerSpec> layers = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            boolean halves = i == 0 || i == last && pool == Pool.NONE;
            Conv2d conv = conv(i).withStride(halves ? 2 : 1);
            String name = "conv" + (i + 1);
            layers.add(i < plain ? conv.withName(name) : unit.layers(name, conv, true));
        }
        if (pool != Pool.NONE) {
            layers.add(pooling());
        }
        return new Sequential("stem", layers);
    }

    private Conv2d conv(int i) {
        return Conv2d.of(widths.get(i), kernel).withBias(false);
    }

    private LayerSpec pooling() {
        boolean small = pool == Pool.MAX2 || pool == Pool.AVERAGE2;
        Size2d window = Size2d.of(small ? 2 : 3);
        Size2d stride = Size2d.of(2);
        Padding2d padding = Size2d.of(small ? 0 : 1);
        return pool == Pool.MAX || pool == Pool.MAX2
                ? new MaxPool2d("pool", window, stride, padding)
                : new AveragePool2d("pool", window, stride, padding, false, false);
    }
}
