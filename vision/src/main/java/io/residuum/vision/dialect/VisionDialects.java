package io.residuum.vision.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import java.util.List;

/** Lists the dialects of convolutional networks: JSON tables of foreign weight names. */
public final class VisionDialects implements DialectProvider {

    @Override
    public List<Dialect> dialects() {
        return Dialect.resources(
                VisionDialects.class,
                "torchvision-resnet",
                "timm-resnet",
                "timm-resnet-d",
                "timm-resnetv2",
                "cifar-resnet");
    }
}
