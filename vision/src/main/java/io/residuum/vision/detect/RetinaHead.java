package io.residuum.vision.detect;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Use;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.Reshape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The head of RetinaNet (Lin et al. 2017, arXiv:1708.02002, Section 4): two stacks of convolutions,
 * each with the same weights on every level. It reads levels from fine to coarse. Its outputs are
 * {@code classes}, the logits {@code (N, A, classes)} of all anchors, and {@code boxes}, {@code (N,
 * A, 4)} relative to them.
 *
 * @param levels the number of levels that it reads. Default: 5
 * @param channels the channels of the convolutions. Default: 256
 * @param convolutions the number of 3x3 convolutions before each output. Default: 4
 * @param norm the norm after each of them, which then have no bias. Default: none
 * @param prior the probability of every class at the start. Default: 0.01
 * @param anchors the anchors. Default: those of the paper
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("retinaHead")
public record RetinaHead(
        @Default("\"\"") String name,
        @Default("5") int levels,
        @Default("256") int channels,
        @Default("4") int convolutions,
        @Default("\"none\"") NormSpec norm,
        @Default("0.01") double prior,
        @Default("{}") AnchorSpec anchors,
        int classes)
        implements SeveralInputs, RetinaHeadBuilder.With {
    /** The name of the logits. */
    public static final String CLASSES = "classes";

    /** The name of the boxes. */
    public static final String BOXES = "boxes";

    private static final InitSpec INIT = new InitSpec.Normal(0.01);

    public RetinaHead {
        Check.positive("channels", channels);
        Check.notNegative("convolutions", convolutions);
        Check.that(prior > 0 && prior < 1, "prior must be in (0, 1), got %s", prior);
        Check.positive("classes", classes);
        Check.that(
                levels == anchors.sizes().size(),
                "anchors.sizes must have one number for each of the %s levels, got %s",
                levels,
                anchors.sizes());
    }

    @Override
    public long layerCount() {
        return graph().layerCount();
    }

    @Override
    public RetinaHead withClasses(int value) {
        return with().classes(value).build();
    }

    /** {@return the head; it stays as it is when specs are expanded, because it has the anchors} */
    @Override
    public Layer newBlock(List<Shape> inputs) {
        return graph().newBlock(inputs);
    }

    private LayerGraph graph() {
        List<String> read = IntStream.range(0, levels).mapToObj(i -> "level" + i).toList();
        List<LayerNode> nodes = new ArrayList<>();
        double bias = -Math.log((1 - prior) / prior);
        shared(nodes, read, tower("classification", classes, bias), CLASSES);
        shared(nodes, read, tower("regression", 4, 0), BOXES);
        return new LayerGraph(name, new Names(read), nodes, new Names(List.of(CLASSES, BOXES)));
    }

    private void shared(List<LayerNode> nodes, List<String> read, LayerSpec tower, String output) {
        List<String> made = new ArrayList<>();
        for (String level : read) {
            String name = made.isEmpty() ? tower.name() : tower.name() + "-" + level;
            LayerSpec layer = made.isEmpty() ? tower : new Use(name, tower.name());
            nodes.add(LayerNode.of(layer).from(level).to(levels == 1 ? output : name));
            made.add(name);
        }
        if (levels > 1) {
            nodes.add(LayerNode.of(new Concat(output, 1)).from(made.toArray(String[]::new)));
        }
    }

    /** Returns the layers from a level to a row of numbers for each of its anchors. */
    private LayerSpec tower(String part, int numbers, double bias) {
        List<LayerSpec> layers = new ArrayList<>();
        boolean normed = !(norm instanceof NormSpec.None);
        for (int i = 0; i < convolutions; i++) {
            layers.add(conv("conv" + i, channels).withBias(!normed));
            if (normed) {
                layers.add(new Normalization("norm" + i, norm));
            }
            layers.add(new Activation("activation" + i, ActivationSpec.RELU));
        }
        layers.add(
                conv("out", Math.multiplyExact(anchors.perPosition(), numbers)).withBiasInit(bias));
        layers.add(new Permute("last", List.of(2, 3, 1), true));
        layers.add(new Reshape("rows", List.of(-1, numbers)));
        return new Sequential(part, layers);
    }

    private static Conv2d conv(String name, int filters) {
        return Conv2d.of(filters, 3).with().name(name).init(INIT).build();
    }
}
