package io.residuum.vision.resnet;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.spatial.Reshape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Builds a graph of paths {@code path0}, {@code path1} and so on, and their weighted sum. */
final class WeightedPaths {
    private final List<LayerNode> nodes = new ArrayList<>();
    private final ResNetUnit unit;
    private final int paths;

    WeightedPaths(ResNetUnit unit, int paths) {
        this.unit = unit;
        this.paths = paths;
    }

    static String[] names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new);
    }

    WeightedPaths add(LayerSpec layer, String... from) {
        nodes.add(LayerNode.of(layer).from(from));
        return this;
    }

    void outputs(String... names) {
        int last = nodes.size() - 1;
        nodes.set(last, nodes.get(last).to(names));
    }

    void convolution(Conv2d conv, String suffix, String... from) {
        add(unit.built(conv.withName("conv" + suffix), unit.activation()), from);
        add(new Normalization("norm" + suffix, unit.norm()));
    }

    /**
     * Adds the attention: two 1x1 convolutions of the means, and a softmax over the paths of each
     * channel, or a sigmoid of the only path.
     */
    LayerGraph weighted(String name, int channels, int hidden, int groups, boolean bias) {
        String[] read = names("path", paths);
        if (paths > 1) {
            add(new Add("sum"), read);
        }
        add(new GlobalAveragePool("pool"));
        add(new Reshape("means", List.of(channels, 1, 1)));
        add(pointwise("reduce", hidden, groups, bias));
        add(new Normalization("norm", unit.norm()));
        add(new Activation("reduced", unit.activation()));
        add(pointwise("select", Math.multiplyExact(channels, paths), groups, bias));
        if (paths == 1) {
            add(new Activation("weight0", new ActivationSpec.Sigmoid()));
        } else {
            add(new Reshape("scores", List.of(groups, paths, channels / groups)));
            add(new Activation("softmax", new ActivationSpec.Softmax(2)));
            add(new Split("shares", Split.Parts.equal(paths), 2)).outputs(names("share", paths));
        }
        for (int i = 0; i < paths; i++) {
            if (paths > 1) {
                add(new Reshape("weight" + i, List.of(channels, 1, 1)), "share" + i);
            }
            add(new Multiply("weighted" + i), read[i], "weight" + i);
        }
        if (paths > 1) {
            add(new Add("output"), names("weighted", paths));
        }
        return new LayerGraph(name, Names.of("input"), nodes, Names.NONE);
    }

    private static Conv2d pointwise(String name, int filters, int groups, boolean bias) {
        Conv2d conv = Conv2d.of(filters, 1).withName(name);
        return conv.with().groups(groups).bias(bias).build();
    }
}
