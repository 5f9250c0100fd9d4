package io.residuum.vision.inception;

import static io.residuum.vision.inception.Cells.averagePool;
import static io.residuum.vision.inception.Cells.branches;
import static io.residuum.vision.inception.Cells.chain;
import static io.residuum.vision.inception.Cells.maxPool;
import static io.residuum.vision.inception.Cells.named;
import static io.residuum.vision.inception.Cells.stage;

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
import io.residuum.spec.layers.NormSpec;
import java.util.List;

/**
 * Inception-v4 for images of 75 pixels or more, usually 299 (Szegedy et al. 2017, arXiv:1602.07261,
 * Section 3.1): {@code (N, C, H, W) -> (N, classes)}. The parts are named {@code stem}, {@code
 * stage1} to {@code stage3} (units from {@code 0}) with {@code reduction1} and {@code reduction2}
 * between them, and {@code head}.
 *
 * @param width the factor of all channels. Default: 1
 * @param norm the norm after each convolution. Default: batch, with eps 0.001
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier; the paper trains with 0.2. Default: 0
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("inceptionV4")
public record InceptionV4(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("{\"type\": \"batch\", \"eps\": 0.001}") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        int classes)
        implements Family, InceptionV4Builder.With {

    public InceptionV4 {
        Cells.requireWidth(width);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /** {@return the network of the paper, with 1000 classes} */
    public static InceptionV4 published() {
        return Defaults.fill(InceptionV4Builder.builder()).classes(1000).build();
    }

    @Override
    public InceptionV4 withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Cells c = new Cells(width, norm, activation);
        return new Sequential(
                name,
                stem(c),
                stage("stage1", 4, u -> unitA(c, u)),
                branches(
                        "reduction1",
                        c.valid(384, 2),
                        chain(c.same(192, 1), c.same(224, 3), c.valid(256, 2)),
                        maxPool("pool")),
                stage("stage2", 7, u -> unitB(c, u)),
                branches(
                        "reduction2",
                        chain(c.same(192, 1), c.valid(192, 2)),
                        chain(
                                c.same(256, 1),
                                c.same(256, 1, 7),
                                c.same(320, 7, 1),
                                c.valid(320, 2)),
                        maxPool("pool")),
                stage("stage3", 3, u -> unitC(c, u)),
                Cells.head(List.of(), dropout, classes));
    }

    /** Figure 3. */
    private static Sequential stem(Cells c) {
        return new Sequential(
                "stem",
                named("conv1", c.valid(32, 2)),
                named("conv2", c.valid(32, 1)),
                named("conv3", c.same(64, 3)),
                branches("mixed1", maxPool("pool"), c.valid(96, 2)),
                branches(
                        "mixed2",
                        chain(c.same(64, 1), c.valid(96, 1)),
                        chain(c.same(64, 1), c.same(64, 1, 7), c.same(64, 7, 1), c.valid(96, 1))),
                branches("mixed3", c.valid(192, 2), maxPool("pool")));
    }

    /** Figure 4. */
    private static Parallel unitA(Cells c, String unit) {
        return branches(
                unit,
                c.same(96, 1),
                chain(c.same(64, 1), c.same(96, 3)),
                chain(c.same(64, 1), c.same(96, 3), c.same(96, 3)),
                chain(averagePool(), c.same(96, 1)));
    }

    /** Figure 5. */
    private static Parallel unitB(Cells c, String unit) {
        return branches(
                unit,
                c.same(384, 1),
                chain(c.same(192, 1), c.same(224, 1, 7), c.same(256, 7, 1)),
                chain(
                        c.same(192, 1),
                        c.same(192, 7, 1),
                        c.same(224, 1, 7),
                        c.same(224, 7, 1),
                        c.same(256, 1, 7)),
                chain(averagePool(), c.same(128, 1)));
    }

    /** Figure 6. */
    private static Parallel unitC(Cells c, String unit) {
        return branches(
                unit,
                c.same(256, 1),
                chain(c.same(384, 1), c.split(256)),
                chain(c.same(384, 1), c.same(448, 3, 1), c.same(512, 1, 3), c.split(256)),
                chain(averagePool(), c.same(256, 1)));
    }
}
