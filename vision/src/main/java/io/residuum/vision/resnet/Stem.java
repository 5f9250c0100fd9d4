package io.residuum.vision.resnet;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
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
    DEEP(64);

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
        List<LayerSpec> layers = new ArrayList<>();
        ActivationSpec none = ActivationSpec.NONE;
        switch (this) {
            case IMAGENET -> layers.add(unit.built(conv("conv", width, 7).withStride(2), none));
            case CIFAR -> layers.add(unit.built(conv("conv", width, 3), none));
            case DEEP -> {
                for (int i = 1; i <= 2; i++) {
                    Conv2d conv = conv("conv" + i, width / 2, 3).withStride(i == 1 ? 2 : 1);
                    layers.add(unit.built(conv, i == 1 ? none : unit.activation()));
                    layers.add(new Normalization("norm" + i, unit.norm()));
                    layers.add(new Activation("activation" + i, unit.activation()));
                }
                layers.add(unit.built(conv("conv3", width, 3), unit.activation()));
            }
        }
        String suffix = this == DEEP ? "3" : "";
        if (unit.order().normsStem()) {
            layers.add(new Normalization("norm" + suffix, unit.norm()));
        }
        if (unit.order().activatesStem()) {
            layers.add(new Activation("activation" + suffix, unit.activation()));
        }
        if (!isCifar()) {
            layers.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(1)));
        }
        return new Sequential("stem", layers);
    }

    private static Conv2d conv(String name, int width, int kernel) {
        return Conv2d.of(width, kernel).withName(name);
    }
}
