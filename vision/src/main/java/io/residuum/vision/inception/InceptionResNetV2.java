package io.residuum.vision.inception;

import static io.residuum.vision.inception.Cells.averagePool;
import static io.residuum.vision.inception.Cells.branches;
import static io.residuum.vision.inception.Cells.chain;
import static io.residuum.vision.inception.Cells.maxPool;
import static io.residuum.vision.inception.Cells.named;
import static io.residuum.vision.inception.Cells.stage;

import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Inception-ResNet-v2 for images of 75 pixels or more, usually 299 (Szegedy et al. 2017,
 * arXiv:1602.07261, Section 3.2): {@code (N, C, H, W) -> (N, classes)}. The branch of each unit is
 * an Inception block, scaled down before the sum. The parts are named {@code stem}, {@code stage1}
 * to {@code stage3} (units from {@code 0}) with {@code reduction1} and {@code reduction2} between
 * them, and {@code head}.
 *
 * <p>Widths, scales and numbers of units are those of the authors' published weights, which differ
 * from the figures of the paper.
 *
 * @param width the factor of all channels. Default: 1
 * @param norm the norm after each convolution. Default: batch, with eps 0.001
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier; the paper trains with 0.2. Default: 0
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("inceptionResNetV2")
public record InceptionResNetV2(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("{\"type\": \"batch\", \"eps\": 0.001}") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        int classes)
        implements Family, InceptionResNetV2Builder.With {

    public InceptionResNetV2 {
        Cells.requireWidth(width);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /** {@return the network of the authors' weights, with 1000 classes} */
    public static InceptionResNetV2 published() {
        return Defaults.fill(InceptionResNetV2Builder.builder()).classes(1000).build();
    }

    @Override
    public InceptionResNetV2 withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Cells c = new Cells(width, norm, activation);
        int width1 = sum(c, 96, 64, 96, 64);
        int width2 = sum(c, 384, 384) + width1;
        int width3 = sum(c, 384, 288, 320) + width2;
        Parallel reduction1 =
                branches(
                        "reduction1",
                        c.valid(384, 2),
                        chain(c.same(256, 1), c.same(256, 3), c.valid(384, 2)),
                        maxPool("pool"));
        Parallel reduction2 =
                branches(
                        "reduction2",
                        chain(c.same(256, 1), c.valid(384, 2)),
                        chain(c.same(256, 1), c.valid(288, 2)),
                        chain(c.same(256, 1), c.same(288, 3), c.valid(320, 2)),
                        maxPool("pool"));
        return new Sequential(
                name,
                stem(c),
                stage("stage1", 10, u -> unit(u, branchA(c), width1, 0.17)),
                reduction1,
                stage("stage2", 20, u -> unit(u, branchB(c), width2, 0.1)),
                reduction2,
                lastStage(c, width3),
                Cells.head(List.of(named("conv", c.same(1536, 1))), dropout, classes));
    }

    private static int sum(Cells c, int... branches) {
        return IntStream.of(branches).map(c::channels).reduce(0, Math::addExact);
    }

    private static Sequential stem(Cells c) {
        return new Sequential(
                "stem",
                named("conv1", c.valid(32, 2)),
                named("conv2", c.valid(32, 1)),
                named("conv3", c.same(64, 3)),
                maxPool("pool1"),
                named("conv4", c.same(80, 1)),
                named("conv5", c.valid(192, 1)),
                maxPool("pool2"),
                branches(
                        "mixed",
                        c.same(96, 1),
                        chain(c.same(48, 1), c.same(64, 5)),
                        chain(c.same(64, 1), c.same(96, 3), c.same(96, 3)),
                        chain(averagePool(), c.same(64, 1))));
    }

    /** Figure 16. */
    private static Parallel branchA(Cells c) {
        return branches(
                "mixed",
                c.same(32, 1),
                chain(c.same(32, 1), c.same(32, 3)),
                chain(c.same(32, 1), c.same(48, 3), c.same(64, 3)));
    }

    /** Figure 17. */
    private static Parallel branchB(Cells c) {
        return branches(
                "mixed",
                c.same(192, 1),
                chain(c.same(128, 1), c.same(160, 1, 7), c.same(192, 7, 1)));
    }

    /** Figure 19. */
    private static Parallel branchC(Cells c) {
        return branches(
                "mixed",
                c.same(192, 1),
                chain(c.same(192, 1), c.same(224, 1, 3), c.same(256, 3, 1)));
    }

    /** The last unit of the published weights has no factor and no activation after the sum. */
    private Sequential lastStage(Cells c, int channels) {
        List<LayerSpec> units =
                new ArrayList<>(
                        stage("stage3", 9, u -> unit(u, branchC(c), channels, 0.2)).layers());
        units.add(
                unit("9", branchC(c), channels, 1)
                        .with()
                        .scale(ScaleSpec.NONE)
                        .after(NormActivation.NONE)
                        .build());
        return new Sequential("stage3", units);
    }

    private Residual unit(String unit, Parallel mixed, int channels, double scale) {
        return Residual.builder(unit, mixed, Cells.linear("conv", channels))
                .scale(new ScaleSpec.Constant(scale))
                .after(NormActivation.of(activation))
                .build();
    }
}
