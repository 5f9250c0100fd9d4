package io.residuum.vision.vgg;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * A SqueezeNet for images: {@code (N, C, H, W) -> (N, classes)} (Iandola et al. 2016,
 * arXiv:1602.07360). A fire module maps to few channels, and from these by 1x1 and 3x3 convolutions
 * side by side. The parts are named {@code stem}, {@code stage1} to {@code stage3} ({@code pool},
 * and modules from {@code 0}), and {@code head}.
 *
 * @param stem the channels of the first convolution, which has no padding and stride 2
 * @param stemKernel its window
 * @param stages the channels of each module, a multiple of 8, in each stage; an eighth of them lies
 *     between its convolutions
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier. Default: 0.5
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("squeezenet")
public record SqueezeNet(
        @Default("\"\"") String name,
        int stem,
        int stemKernel,
        List<List<Integer>> stages,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.5") double dropout,
        int classes)
        implements Family, SqueezeNetBuilder.With {

    /** The channels of a module divided by those between its convolutions. */
    private static final int SQUEEZE = 8;

    public SqueezeNet {
        stages = stages.stream().map(List::copyOf).toList();
        Check.positive("stem", stem);
        Check.positive("stemKernel", stemKernel);
        Check.that(!stages.isEmpty(), "stages must not be empty");
        for (int channels : stages.stream().flatMap(List::stream).toList()) {
            Check.that(
                    channels > 0 && channels % SQUEEZE == 0,
                    "stages must have multiples of %s, got %s",
                    SQUEEZE,
                    channels);
        }
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    @Override
    public SqueezeNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        Conv2d first = Conv2d.of(stem, stemKernel).withStride(2).withPadding(Size2d.of(0));
        parts.add(new Sequential("stem", first.withName("conv"), activated("activation")));
        for (List<Integer> modules : stages) {
            List<LayerSpec> stage = new ArrayList<>();
            stage.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(0), true));
            for (int channels : modules) {
                stage.add(module(Integer.toString(stage.size() - 1), channels));
            }
            parts.add(new Sequential("stage" + parts.size(), stage));
        }
        List<LayerSpec> head = new ArrayList<>();
        if (dropout > 0) {
            head.add(new Dropout("dropout", dropout));
        }
        Conv2d classifier = Conv2d.of(classes, 1).withInit(new InitSpec.Normal(0.01));
        head.add(classifier.withName("conv"));
        head.add(activated("activation"));
        head.add(new GlobalAveragePool("pool"));
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }

    private Activation activated(String layer) {
        return new Activation(layer, activation);
    }

    private LayerSpec module(String module, int channels) {
        return new Sequential(
                module,
                new Sequential("squeeze", conv(channels / SQUEEZE, 1)),
                Parallel.concat(
                        "expand",
                        new Sequential("point", conv(channels / 2, 1)),
                        new Sequential("spatial", conv(channels / 2, 3))));
    }

    private List<LayerSpec> conv(int channels, int kernel) {
        return List.of(Conv2d.of(channels, kernel).withName("conv"), activated("activation"));
    }
}
