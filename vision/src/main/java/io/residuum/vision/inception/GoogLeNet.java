package io.residuum.vision.inception;

import static io.residuum.vision.inception.Cells.branches;
import static io.residuum.vision.inception.Cells.chain;
import static io.residuum.vision.inception.Cells.named;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * GoogLeNet for images (Szegedy et al. 2015, arXiv:1409.4842, Table 1) with batch norms and without
 * its auxiliary classifiers: {@code (N, C, H, W) -> (N, classes)}. The parts are named {@code
 * stem}, {@code stage1} to {@code stage3} (units from {@code 0}), and {@code head}.
 *
 * @param width the factor of all channels. Default: 1
 * @param large the window of the third branch: 5 in the paper, 3 in torchvision's weights. Default:
 *     5
 * @param norm the norm after each convolution. Default: batch, with eps 0.001
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier; the paper trains with 0.4. Default: 0
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("googlenet")
public record GoogLeNet(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("5") int large,
        @Default("{\"type\": \"batch\", \"eps\": 0.001}") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        int classes)
        implements Family, GoogLeNetBuilder.With {

    /** The channels of 1x1, before and of 3x3, before and of 5x5, and after pooling, by stage. */
    private static final int[][][] UNITS = {
        {{64, 96, 128, 16, 32, 32}, {128, 128, 192, 32, 96, 64}},
        {
            {192, 96, 208, 16, 48, 64},
            {160, 112, 224, 24, 64, 64},
            {128, 128, 256, 24, 64, 64},
            {112, 144, 288, 32, 64, 64},
            {256, 160, 320, 32, 128, 128}
        },
        {{256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128}}
    };

    public GoogLeNet {
        Cells.requireWidth(width);
        Check.odd("large", large);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /** {@return the network of torchvision's weights, with 1000 classes} */
    public static GoogLeNet published() {
        return Defaults.fill(GoogLeNetBuilder.builder()).large(3).classes(1000).build();
    }

    @Override
    public GoogLeNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Cells c = new Cells(width, norm, activation);
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(
                new Sequential(
                        "stem",
                        named("conv1", c.strided(64, 7)),
                        pool("pool1", 3),
                        named("conv2", c.same(64, 1)),
                        named("conv3", c.same(192, 3)),
                        pool("pool2", 3)));
        for (int s = 0; s < UNITS.length; s++) {
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                stage.add(pool("pool", s == 1 ? 3 : 2));
            }
            for (int u = 0; u < UNITS[s].length; u++) {
                stage.add(unit(c, Integer.toString(u), UNITS[s][u]));
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(Cells.head(List.of(), dropout, classes));
        return new Sequential(name, parts);
    }

    private static MaxPool2d pool(String name, int window) {
        return new MaxPool2d(name, Size2d.of(window), Size2d.of(2), Size2d.of(0), true);
    }

    /** Figure 2 (b). */
    private Parallel unit(Cells c, String unit, int[] channels) {
        Size2d one = Size2d.of(1);
        return branches(
                unit,
                c.same(channels[0], 1),
                chain(c.same(channels[1], 1), c.same(channels[2], 3)),
                chain(c.same(channels[3], 1), c.same(channels[4], large)),
                chain(new MaxPool2d("", Size2d.of(3), one, one, true), c.same(channels[5], 1)));
    }
}
