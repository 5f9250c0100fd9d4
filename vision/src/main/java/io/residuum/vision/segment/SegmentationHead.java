package io.residuum.vision.segment;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import java.util.ArrayList;
import java.util.List;

/** The layers between the features of a network and the logits of pixels. */
public sealed interface SegmentationHead
        permits SegmentationHead.DeepLabV3, SegmentationHead.Fcn, SegmentationHead.Unet {

    /** Returns the number of features that the head reads, the last ones of the backbone. */
    int reads();

    /** Returns the layers before the logits. */
    List<LayerSpec> layers();

    /** Returns the complete head, which ends in a 1x1 convolution. */
    default LayerSpec expand(String name, int classes) {
        List<LayerSpec> all = new ArrayList<>(layers());
        all.add(Conv2d.of(classes, 1).withName("out"));
        return new Sequential(name, all);
    }

    /**
     * The head of DeepLabV3 (Chen et al. 2017, arXiv:1706.05587).
     *
     * @param rates the dilations of {@link Aspp}. Default: 12, 24, 36, for features of stride 8
     * @param channels the channels of all convolutions. Default: 256
     * @param dropout the dropout rate after the pyramid. Default: 0.5
     */
    @TypeName("deeplabv3")
    @Doc("The head of DeepLabV3: atrous spatial pyramid pooling and a 3x3 convolution.")
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
        public List<LayerSpec> layers() {
            List<LayerSpec> layers = new ArrayList<>();
            layers.add(new Aspp("aspp", rates, channels, dropout));
            layers.addAll(Convolutions.layers("", Conv2d.of(channels, 3)));
            return layers;
        }
    }

    /**
     * A 3x3 convolution (Long et al. 2015, arXiv:1411.4038, as in torchvision).
     *
     * @param channels its channels. Default: 512
     * @param dropout the dropout rate after it. Default: 0.1
     */
    @TypeName("fcn")
    @Doc("A 3x3 convolution with dropout, as in a fully convolutional network.")
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
        public List<LayerSpec> layers() {
            List<LayerSpec> layers =
                    new ArrayList<>(Convolutions.layers("", Conv2d.of(channels, 3)));
            layers.add(new Dropout("dropout", dropout));
            return layers;
        }
    }

    /**
     * A {@link UnetDecoder}.
     *
     * @param channels the channels of each step, from coarse to fine; the backbone has one part
     *     more
     */
    @TypeName("unet")
    @Doc("The expanding half of a U-Net.")
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
        public List<LayerSpec> layers() {
            return List.of(new UnetDecoder("decoder", channels));
        }
    }
}
