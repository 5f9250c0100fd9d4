package io.residuum.vision.resnet;

import io.residuum.spec.Activation;
import io.residuum.spec.Conv2d;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.MaxPool2d;
import io.residuum.spec.Normalization;
import io.residuum.spec.Sequential;
import io.residuum.spec.Size2d;
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

    boolean isCifar() {
        return this == CIFAR;
    }

    LayerSpec expand(int width, ResNetUnit unit) {
        List<LayerSpec> layers = new ArrayList<>();
        switch (this) {
            case IMAGENET -> layers.add(Conv2d.of(width, 7).stride(2).withoutBias().named("conv"));
            case CIFAR -> layers.add(Conv2d.of(width, 3).withoutBias().named("conv"));
            case DEEP -> {
                for (int i = 1; i <= 2; i++) {
                    Conv2d conv = Conv2d.of(width / 2, 3).withoutBias().named("conv" + i);
                    layers.add(i == 1 ? conv.stride(2) : conv);
                    layers.add(new Normalization("norm" + i, unit.norm()));
                    layers.add(new Activation("activation" + i, unit.activation()));
                }
                layers.add(Conv2d.of(width, 3).withoutBias().named("conv3"));
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
}
