package io.residuum.vision.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import java.util.List;

/**
 * The names that other libraries give the weights of convolutional networks: the JSON tables beside
 * this class.
 */
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
