package io.residuum.vision.features;

import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.WeightStandardizedConv2d;

/**
 * Changes strides to dilations, so that features have more positions and the weights still fit. A
 * convolution that loses its stride keeps its dilation, and those after it get more. torchvision
 * and timm do the same, but torchvision's MobileNetV3 dilates that convolution, too.
 */
final class Dilation {
    private final int limit;
    private final boolean strided;
    private int stride = 1;
    private int dilation = 1;

    /** The kind of layer around the current one that does not run its layers in sequence. */
    private String beside = "";

    /**
     * Creates a change.
     *
     * @param limit the largest product of strides
     * @param strided true to dilate convolutions that lose their stride, too
     */
    Dilation(int limit, boolean strided) {
        this.limit = limit;
        this.strided = strided;
    }

    LayerSpec apply(LayerSpec layer) {
        if (layer instanceof Conv2d conv) {
            return convolution(conv);
        }
        if (layer instanceof WeightStandardizedConv2d conv) {
            return new WeightStandardizedConv2d(
                    conv.name(), convolution(conv.conv()), conv.eps(), conv.gamma());
        }
        if (layer instanceof MaxPool2d pool) {
            pool(pool, pool.stride());
        } else if (layer instanceof AveragePool2d pool) {
            pool(pool, pool.stride());
        } else if (layer instanceof BlurPool2d pool) {
            pool(pool, Size2d.of(pool.stride()));
        }
        int before = dilation;
        String around = beside;
        if (!(layer instanceof Residual) && !(layer instanceof Sequential)) {
            beside = layer.getClass().getSimpleName();
        }
        LayerSpec changed = layer.withLayers(this::apply);
        beside = around;
        boolean wide =
                layer instanceof Residual unit
                        && unit.shortcut() instanceof ShortcutSpec.Projection projection
                        && projection.kernel() > 1;
        Check.that(
                dilation == before || !wide,
                "outputStride needs projections with a kernel of 1, got %s",
                layer);
        return changed;
    }

    private Conv2d convolution(Conv2d conv) {
        int own = square(conv, conv.stride());
        boolean keeps = stride * own <= limit && dilation == 1;
        if (keeps) {
            stride *= own;
            return conv;
        }
        int applied = strided ? dilation * own : dilation;
        dilation *= own;
        Conv2d dense = own == 1 ? conv : conv.withStride(1);
        if (applied == 1 || conv.kernel().equals(Size2d.of(1))) {
            requireOdd(dense, own);
            return dense;
        }
        requireOdd(dense, 2);
        return dense.withDilation(scaled(conv.dilation(), applied))
                .withPadding(padding(conv.padding(), applied));
    }

    /** Requires a kernel with a position in its middle. Others would move the features. */
    private static void requireOdd(Conv2d conv, int stride) {
        Size2d kernel = conv.kernel();
        Check.that(
                stride == 1 || kernel.height() % 2 == 1 && kernel.width() % 2 == 1,
                "outputStride needs odd kernels where it removes strides, got the kernel %s of"
                        + " \"%s\"",
                kernel,
                conv.name());
    }

    private static Padding2d padding(Padding2d padding, int factor) {
        if (padding instanceof Size2d size) {
            return scaled(size, factor);
        }
        return padding instanceof Padding2d.Sides s
                ? new Padding2d.Sides(
                        s.top() * factor,
                        s.bottom() * factor,
                        s.left() * factor,
                        s.right() * factor)
                : padding;
    }

    private static Size2d scaled(Size2d size, int factor) {
        return new Size2d(
                Math.multiplyExact(size.height(), factor),
                Math.multiplyExact(size.width(), factor));
    }

    private void pool(LayerSpec pool, Size2d size) {
        int own = square(pool, size);
        Check.that(
                own == 1 || stride * own <= limit && dilation == 1,
                "outputStride must be at least %s, since the pool \"%s\" cannot have a dilation,"
                        + " got %s",
                stride * own,
                pool.name(),
                limit);
        stride *= own;
    }

    private int square(LayerSpec layer, Size2d size) {
        Check.that(
                beside.isEmpty() || size.equals(Size2d.of(1)),
                "outputStride needs strides of layers in sequence, but found some in %s",
                beside);
        Check.that(
                size.height() == size.width(),
                "outputStride needs equal strides of rows and columns, got %s of \"%s\"",
                size,
                layer.name());
        return size.height();
    }
}
