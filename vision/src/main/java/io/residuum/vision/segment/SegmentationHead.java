package io.residuum.vision.segment;

import io.residuum.engine.Interpolation;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.ResizeTo;
import java.util.ArrayList;
import java.util.List;

/** The layers between the features of a network and the logits of pixels. */
public sealed interface SegmentationHead
        permits SegmentationHead.DeepLabV3,
                SegmentationHead.Fcn,
                SegmentationHead.LrAspp,
                SegmentationHead.Unet {

    /** Returns the number of features that the head reads, the last ones of the backbone. */
    int reads();

    /** Returns the complete head. */
    LayerSpec expand(String name, int classes);

    /** Returns layers and a 1x1 convolution to the logits. */
    private static LayerSpec ending(String name, List<LayerSpec> layers, int classes) {
        List<LayerSpec> all = new ArrayList<>(layers);
        all.add(Conv2d.of(classes, 1).withName("out"));
        return new Sequential(name, all);
    }

    /**
     * The head of DeepLabV3: atrous spatial pyramid pooling and a 3x3 convolution (Chen et al.
     * 2017, arXiv:1706.05587).
     *
     * @param rates the dilations of {@link Aspp}. Default: 12, 24, 36, for features of stride 8
     * @param channels the channels of all convolutions. Default: 256
     * @param dropout the dropout rate after the pyramid. Default: 0.5
     */
    @TypeName("deeplabv3")
    record DeepLabV3(
            @Default("[12, 24, 36]") List<Integer> rates,
            @Default("256") int channels,
            @Default("0.5") double dropout)
            implements SegmentationHead {
        public DeepLabV3 {
            rates = List.copyOf(rates);
            new Aspp("aspp", rates, channels, dropout); // checks them
        }

        @Override
        public int reads() {
            return 1;
        }

        @Override
        public LayerSpec expand(String name, int classes) {
            List<LayerSpec> layers = new ArrayList<>();
            layers.add(new Aspp("aspp", rates, channels, dropout));
            layers.addAll(Convolutions.layers("", Conv2d.of(channels, 3)));
            return ending(name, layers, classes);
        }
    }

    /**
     * The head of a fully convolutional network: a 3x3 convolution with dropout (Long et al. 2015,
     * arXiv:1411.4038, as in torchvision).
     *
     * @param channels its channels. Default: 512
     * @param dropout the dropout rate after it. Default: 0.1
     */
    @TypeName("fcn")
    record Fcn(@Default("512") int channels, @Default("0.1") double dropout)
            implements SegmentationHead {
        public Fcn {
            Check.positive("channels", channels);
            Check.rate("dropout", dropout);
        }

        @Override
        public int reads() {
            return 1;
        }

        @Override
        public LayerSpec expand(String name, int classes) {
            List<LayerSpec> layers =
                    new ArrayList<>(Convolutions.layers("", Conv2d.of(channels, 3)));
            layers.add(new Dropout("dropout", dropout));
            return ending(name, layers, classes);
        }
    }

    /**
     * The lite head of MobileNetV3 (Howard et al. 2019, arXiv:1905.02244, Section 6.4): gates a 1x1
     * convolution of the last feature by its mean, and adds its logits to those of a finer feature.
     *
     * @param channels the channels of the convolution. Default: 128
     */
    @TypeName("lraspp")
    record LrAspp(@Default("128") int channels) implements SegmentationHead {
        public LrAspp {
            Check.positive("channels", channels);
        }

        @Override
        public int reads() {
            return 2;
        }

        @Override
        public LayerSpec expand(String name, int classes) {
            Sequential gate =
                    new Sequential(
                            "gate",
                            List.of(
                                    new AdaptiveAveragePool2d("mean", Size2d.of(1)),
                                    Conv2d.of(channels, 1).with().name("conv").bias(false).build(),
                                    new Activation("activation", new ActivationSpec.Sigmoid())));
            List<LayerNode> nodes =
                    List.of(
                            LayerNode.of(Convolutions.normed("features", Conv2d.of(channels, 1)))
                                    .from("coarse"),
                            LayerNode.of(gate).from("coarse"),
                            LayerNode.of(new Multiply("gated")).from("features", "gate"),
                            LayerNode.of(new ResizeTo("up", Interpolation.Mode.BILINEAR, false))
                                    .from("gated", "fine"),
                            LayerNode.of(Conv2d.of(classes, 1).withName("low")).from("fine"),
                            LayerNode.of(Conv2d.of(classes, 1).withName("high")).from("up"),
                            LayerNode.of(new Add("sum", List.of())).from("low", "high"));
            return new LayerGraph(
                    name, new Names(List.of("fine", "coarse")), nodes, Names.of("sum"));
        }
    }

    /**
     * A {@link UnetDecoder}, the expanding half of a U-Net.
     *
     * @param channels the channels of each step, from coarse to fine; the backbone has one part
     *     more
     */
    @TypeName("unet")
    record Unet(List<Integer> channels) implements SegmentationHead {
        public Unet {
            channels = List.copyOf(channels);
            new UnetDecoder("decoder", channels); // checks them
        }

        @Override
        public int reads() {
            return channels.size() + 1;
        }

        @Override
        public LayerSpec expand(String name, int classes) {
            return ending(name, List.of(new UnetDecoder("decoder", channels)), classes);
        }
    }
}
