package io.residuum.vision.inception;

import static io.residuum.vision.inception.Cells.branches;
import static io.residuum.vision.inception.Cells.chain;
import static io.residuum.vision.inception.Cells.maxPool;
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
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import java.util.List;

/**
 * Inception-v3 for images of 75 pixels or more, usually 299 (Szegedy et al. 2016, arXiv:1512.00567,
 * Table 1), without its auxiliary classifier: {@code (N, C, H, W) -> (N, classes)}. The parts are
 * named {@code stem}, {@code stage1} to {@code stage3} (units from {@code 0}) with {@code
 * reduction1} and {@code reduction2} between them, and {@code head}.
 *
 * @param width the factor of all channels. Default: 1
 * @param norm the norm after each convolution. Default: batch, with eps 0.001
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier. Default: 0
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("inceptionV3")
public record InceptionV3(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("{\"type\": \"batch\", \"eps\": 0.001}") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        int classes)
        implements Family, InceptionV3Builder.With {

    public InceptionV3 {
        Cells.requireWidth(width);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /** {@return the network of the published weights, with 1000 classes} */
    public static InceptionV3 published() {
        return Defaults.fill(InceptionV3Builder.builder()).classes(1000).build();
    }

    @Override
    public InceptionV3 withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Cells c = new Cells(width, norm, activation);
        return new Sequential(
                name,
                new Sequential(
                        "stem",
                        named("conv1", c.valid(32, 2)),
                        named("conv2", c.valid(32, 1)),
                        named("conv3", c.same(64, 3)),
                        maxPool("pool1"),
                        named("conv4", c.same(80, 1)),
                        named("conv5", c.valid(192, 1)),
                        maxPool("pool2")),
                new Sequential("stage1", unitA(c, "0", 32), unitA(c, "1", 64), unitA(c, "2", 64)),
                branches(
                        "reduction1",
                        c.valid(384, 2),
                        chain(c.same(64, 1), c.same(96, 3), c.valid(96, 2)),
                        maxPool("pool")),
                new Sequential(
                        "stage2",
                        unitB(c, "0", 128),
                        unitB(c, "1", 160),
                        unitB(c, "2", 160),
                        unitB(c, "3", 192)),
                branches(
                        "reduction2",
                        chain(c.same(192, 1), c.valid(320, 2)),
                        chain(
                                c.same(192, 1),
                                c.same(192, 1, 7),
                                c.same(192, 7, 1),
                                c.valid(192, 2)),
                        maxPool("pool")),
                new Sequential("stage3", unitC(c, "0"), unitC(c, "1")),
                Cells.head(List.of(), dropout, classes));
    }

    /** The means of the published weights count the padding. */
    private static AveragePool2d averagePool() {
        return new AveragePool2d("", Size2d.of(3), Size2d.of(1), Size2d.of(1), false, true);
    }

    /** Figure 5. */
    private static Parallel unitA(Cells c, String unit, int pooled) {
        return branches(
                unit,
                c.same(64, 1),
                chain(c.same(48, 1), c.same(64, 5)),
                chain(c.same(64, 1), c.same(96, 3), c.same(96, 3)),
                chain(averagePool(), c.same(pooled, 1)));
    }

    /** Figure 6, with n = 7. */
    private static Parallel unitB(Cells c, String unit, int inner) {
        return branches(
                unit,
                c.same(192, 1),
                chain(c.same(inner, 1), c.same(inner, 1, 7), c.same(192, 7, 1)),
                chain(
                        c.same(inner, 1),
                        c.same(inner, 7, 1),
                        c.same(inner, 1, 7),
                        c.same(inner, 7, 1),
                        c.same(192, 1, 7)),
                chain(averagePool(), c.same(192, 1)));
    }

    /** Figure 7. */
    private static Parallel unitC(Cells c, String unit) {
        return branches(
                unit,
                c.same(320, 1),
                chain(c.same(384, 1), c.split(384)),
                chain(c.same(448, 1), c.same(384, 3), c.split(384)),
                chain(averagePool(), c.same(192, 1)));
    }
}
