package io.residuum.vision.metaformer;

import io.residuum.residual.Residual;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A ConvMixer for images (Trockman and Kolter 2022, arXiv:2201.09792): {@code (N, C, H, W) -> (N,
 * classes)}. A block is a depthwise convolution beside a shortcut, and a 1x1 convolution. The parts
 * are named {@code stem}, {@code blocks} (from {@code 0}) and {@code head}.
 *
 * @param width the channels
 * @param depth the number of blocks
 * @param kernel the window of the depthwise convolutions, odd. Default: 9
 * @param patch the side of the square patches, in pixels. Default: 7
 * @param norm the norm. Default: batch
 * @param activation the activation, before the norm. Default: gelu
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("convmixer")
public record ConvMixer(
        @Default("\"\"") String name,
        int width,
        int depth,
        @Default("9") int kernel,
        @Default("7") int patch,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"gelu\"") ActivationSpec activation,
        int classes)
        implements Family, ConvMixerBuilder.With {

    public ConvMixer {
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.odd("kernel", kernel);
        Check.positive("patch", patch);
        Check.positive("classes", classes);
    }

    @Override
    public ConvMixer withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Conv2d patches =
                Conv2d.of(width, patch).withPadding(Size2d.of(0)).withStride(Size2d.of(patch));
        List<LayerSpec> blocks = new ArrayList<>();
        for (int d = 0; d < depth; d++) {
            List<LayerSpec> block = new ArrayList<>();
            Conv2d spatial = ConvNorm.depthwise(width, kernel, 1);
            block.add(Residual.of("mixer", layers(spatial).toArray(LayerSpec[]::new)));
            block.addAll(layers(Conv2d.of(width, 1)));
            blocks.add(new Sequential(Integer.toString(d), block));
        }
        return new Sequential(
                name,
                new Sequential("stem", layers(patches)),
                new Sequential("blocks", blocks),
                new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
    }

    private List<LayerSpec> layers(Conv2d conv) {
        return List.of(
                conv.withName("conv"),
                new Activation("activation", activation),
                new Normalization("norm", norm));
    }
}
