package io.residuum.vision.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import java.util.List;
import java.util.stream.Stream;

/** Lists the dialects of convolutional networks: tables of foreign weight names. */
public final class VisionDialects implements DialectProvider {

    /** Reads the tables once. */
    private static final class Loaded {
        private static final List<Dialect> ALL = read();

        private Loaded() {}
    }

    @Override
    public List<Dialect> dialects() {
        return Loaded.ALL;
    }

    private static List<Dialect> read() {
        List<Dialect> tables =
                Dialect.resources(
                        VisionDialects.class,
                        "torchvision-resnet",
                        // Tables that ask for pooled shortcuts precede those for any.
                        "timm-resnet-light",
                        "timm-resnet",
                        "timm-resnet-d",
                        "timm-resnet-s",
                        "timm-resnet-sk-d",
                        "timm-resnet-sk",
                        "timm-resnetv2",
                        "timm-senet",
                        "timm-byobnet-pooled",
                        "timm-byobnet",
                        "timm-nfnet",
                        "timm-ghostnet",
                        "timm-rexnet",
                        "timm-xception",
                        "timm-xception-aligned",
                        "timm-xception-preactivated",
                        "timm-vovnet",
                        "timm-cspnet",
                        "timm-dla",
                        "timm-repvit",
                        "torchvision-alexnet",
                        "torchvision-squeezenet-1-0",
                        "torchvision-squeezenet-1-1",
                        "timm-hgnet",
                        "timm-hgnetv2",
                        "timm-dpn",
                        "timm-hrnet",
                        "timm-convmixer",
                        "timm-poolformer",
                        "timm-focalnet",
                        "torchvision-inception-v3",
                        "timm-inception-v3",
                        "torchvision-googlenet",
                        "torchvision-shufflenet-v2",
                        "cifar-resnet",
                        "torchvision-fcn",
                        "torchvision-deeplabv3",
                        "torchvision-retinanet",
                        "torchvision-densenet",
                        "timm-densenet",
                        "timm-efficientnet",
                        "timm-regnet",
                        "timm-regnet-pooled",
                        "timm-regnet-preactivated",
                        "torchvision-regnet",
                        "timm-convnext",
                        "timm-convnext-overlap",
                        "timm-convnext-activated",
                        "torchvision-convnext",
                        "huggingface-resnet",
                        "huggingface-regnet-x",
                        "huggingface-regnet-y",
                        "huggingface-convnext",
                        "huggingface-convnextv2",
                        "huggingface-mobilenet-v2",
                        "huggingface-efficientnet",
                        "timm-inception-v4",
                        "timm-inception-resnet-v2");
        Dialect deeplab =
                tables.stream()
                        .filter(table -> table.family().equals("deeplabv3"))
                        .findFirst()
                        .orElseThrow();
        return Stream.of(
                        tables,
                        VggDialects.all(),
                        InvertedResidualDialects.all(),
                        InvertedResidualDialects.segmentation(deeplab))
                .flatMap(List::stream)
                .toList();
    }
}
