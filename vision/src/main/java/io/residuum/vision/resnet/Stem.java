package io.residuum.vision.resnet;

import io.residuum.nn.spatial.PadBlock;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Border;
import io.residuum.spec.layers.spatial.Pad;
import io.residuum.spec.layers.spatial.Sides;
import java.util.ArrayList;
import java.util.List;

/** The layers between the image and the first unit. */
public enum Stem {
    /** A 7x7 convolution and a 3x3 max pooling, each with stride 2 (He et al. 2015, Table 1). */
    IMAGENET(64),
    /** A 3x3 convolution (He et al. 2015, Section 4.2). */
    CIFAR(16),
    /**
     * Three 3x3 convolutions, the first two with half the width, then max pooling (He et al. 2019,
     * ResNet-C).
     */
    DEEP(64),
    /**
     * As {@code deep}, with three eighths of the width in the first convolution (timm, ResNet-T).
     */
    TIERED(64);

    /** The layers that halve the image after the stem's convolutions; a CIFAR stem has none. */
    public enum Pool {
        /** Max pooling of 3x3 pixels (He et al. 2015, Table 1). */
        MAX,
        /** Max pooling of an image with a border of zeros (Kolesnikov et al. 2020, BiT). */
        ZERO_PADDED_MAX,
        /**
         * Max pooling with a border of zeros at the right and bottom only, which is Caffe's
         * rounding up after a ReLU (Hu et al. 2018, SENet).
         */
        CEIL_MAX,
        /** A 3x3 convolution with a norm and an activation (Bello et al. 2021, ResNet-RS). */
        CONVOLUTION
    }

    private final int usualWidth;

    Stem(int usualWidth) {
        this.usualWidth = usualWidth;
    }

    int usualWidth() {
        return usualWidth;
    }

    /** {@return true for the stem of 32x32 images, which keeps their size} */
    public boolean isCifar() {
        return this == CIFAR;
    }

    /**
     * {@return the layers, named {@code stem}}
     *
     * @param width the channels of the output
     * @param unit the norm, the activation, and the order that says whether they follow the last
     *     convolution; also the kind of convolution
     */
    public LayerSpec expand(int width, ResNetUnit unit) {
        return expand(width, unit, Pool.MAX);
    }

    LayerSpec expand(int width, ResNetUnit unit, Pool pool) {
        List<LayerSpec> layers = new ArrayList<>();
        ActivationSpec none = ActivationSpec.NONE;
        switch (this) {
            case IMAGENET -> layers.add(unit.built(conv("conv", width, 7).withStride(2), none));
            case CIFAR -> layers.add(unit.built(conv("conv", width, 3), none));
            case DEEP, TIERED -> {
                for (int i = 1; i <= 2; i++) {
                    int filters = this == TIERED && i == 1 ? 3 * (width / 8) : width / 2;
                    Conv2d conv = conv("conv" + i, filters, 3).withStride(i == 1 ? 2 : 1);
                    layers.add(unit.built(conv, i == 1 ? none : unit.activation()));
                    layers.add(new Normalization("norm" + i, unit.norm()));
                    layers.add(new Activation("activation" + i, unit.activation()));
                }
                layers.add(unit.built(conv("conv3", width, 3), unit.activation()));
            }
        }
        String suffix = this == DEEP || this == TIERED ? "3" : "";
        if (unit.order().normsStem()) {
            layers.add(new Normalization("norm" + suffix, unit.norm()));
        }
        if (unit.order().activatesStem()) {
            layers.add(new Activation("activation" + suffix, unit.activation()));
        }
        if (!isCifar()) {
            layers.addAll(pooled(width, unit, pool));
        }
        return new Sequential("stem", layers);
    }

    private static List<LayerSpec> pooled(int width, ResNetUnit unit, Pool pool) {
        if (pool == Pool.CONVOLUTION) {
            Conv2d conv = conv("conv", width, 3).withStride(2);
            return List.of(
                    new Sequential(
                            "pool",
                            unit.built(conv, unit.activation()),
                            new Normalization("norm", unit.norm()),
                            new Activation("activation", unit.activation())));
        }
        if (pool == Pool.ZERO_PADDED_MAX || pool == Pool.CEIL_MAX) {
            Border border =
                    pool == Pool.CEIL_MAX ? Border.of(List.of(new Sides(0, 1))) : Border.of(1);
            return List.of(
                    new Pad("pad", border, PadBlock.Mode.CONSTANT, 0),
                    new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(0)));
        }
        Size2d stride = Size2d.of(2);
        return switch (unit.antialias()) {
            case NONE -> List.of(new MaxPool2d("pool", Size2d.of(3), stride, Size2d.of(1)));
            case AVERAGE -> List.of(unit.antialias().layer("pool", 2));
            case BLUR ->
                    List.of(
                            new MaxPool2d("pool", Size2d.of(3), Size2d.of(1), Size2d.of(1)),
                            unit.antialias().layer("blur", 2));
        };
    }

    private static Conv2d conv(String name, int width, int kernel) {
        return Conv2d.of(width, kernel).withName(name);
    }
}
