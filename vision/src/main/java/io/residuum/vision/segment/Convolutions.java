package io.residuum.vision.segment;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import java.util.List;

/** Convolutions with batch norm and ReLU, as in the heads of torchvision. */
final class Convolutions {
    private Convolutions() {}

    /** Returns a convolution without a bias, a norm and an activation below a name. */
    static LayerSpec normed(String name, Conv2d conv) {
        return new Sequential(name, layers("", conv));
    }

    /** Returns the same layers, whose names end in a suffix. */
    static List<LayerSpec> layers(String suffix, Conv2d conv) {
        return List.of(
                conv.with().name("conv" + suffix).bias(false).build(),
                new Normalization("norm" + suffix, NormSpec.BATCH),
                new Activation("activation" + suffix, ActivationSpec.RELU));
    }
}
