package io.residuum.vision.vgg;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * An AlexNet for images, in the version for one GPU: {@code (N, C, H, W) -> (N, classes)}
 * (Krizhevsky 2014, arXiv:1404.5997, Section 5). The parts are named {@code features} and {@code
 * head}.
 *
 * @param widths the channels of the five convolutions. Default: 64, 192, 384, 256, 256
 * @param hidden the width of the first two linear layers. Default: 4096
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before each of them. Default: 0.5
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("alexnet")
public record AlexNet(
        @Default("\"\"") String name,
        @Default("[64, 192, 384, 256, 256]") List<Integer> widths,
        @Default("4096") int hidden,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.5") double dropout,
        int classes)
        implements Family, AlexNetBuilder.With {

    private static final int CONVOLUTIONS = 5;
    private static final Size2d POOLED = Size2d.of(6);

    public AlexNet {
        widths = List.copyOf(widths);
        Check.that(
                widths.size() == CONVOLUTIONS,
                "widths must have the channels of %s convolutions, got %s",
                CONVOLUTIONS,
                widths);
        widths.forEach(width -> Check.positive("widths", width));
        Check.positive("hidden", hidden);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    @Override
    public AlexNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> features = new ArrayList<>();
        for (int c = 1; c <= CONVOLUTIONS; c++) {
            int width = widths.get(c - 1);
            Conv2d conv =
                    c == 1
                            ? Conv2d.of(width, 11).withStride(4).withPadding(Size2d.of(2))
                            : Conv2d.of(width, c == 2 ? 5 : 3);
            features.add(conv.withName("conv" + c));
            features.add(new Activation("activation" + c, activation));
            if (c <= 2 || c == CONVOLUTIONS) {
                features.add(new MaxPool2d("pool" + c, Size2d.of(3), Size2d.of(2), Size2d.of(0)));
            }
        }
        List<LayerSpec> head = new ArrayList<>();
        head.add(new AdaptiveAveragePool2d("pool", POOLED));
        head.add(new Flatten("flatten"));
        for (int i = 1; i <= 2; i++) {
            if (dropout > 0) {
                head.add(new Dropout("dropout" + i, dropout));
            }
            head.add(new Linear("fc" + i, hidden));
            head.add(new Activation("activation" + i, activation));
        }
        head.add(new Linear("fc", classes));
        return new Sequential(
                name, new Sequential("features", features), new Sequential("head", head));
    }
}
