package io.residuum.vision.resnet;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The convolutions of Res2Net (Gao et al. 2019, arXiv:1904.01169, Section 3.1): each reads a part
 * of the channels and the result of the convolution before it. The last part has none.
 *
 * @param scales the number of parts
 * @param norm the norm after each convolution
 * @param activation the activation after each norm
 * @param built a convolution as the other units have it
 */
public record MultiScale(
        int scales, NormSpec norm, ActivationSpec activation, Function<Conv2d, LayerSpec> built) {

    /**
     * {@return the layers, named {@code scales}}
     *
     * @param conv the convolution of one part
     * @param first true for convolutions that do not add the result before them, and to pool the
     *     last part with the stride of the convolution
     */
    public LayerSpec layers(Conv2d conv, boolean first) {
        Function<Integer, String> part = i -> "part" + i;
        List<LayerNode> nodes = new ArrayList<>();
        String[] parts = IntStream.range(0, scales).boxed().map(part).toArray(String[]::new);
        nodes.add(
                LayerNode.of(new Split("split", Split.Parts.equal(scales), null))
                        .from("input")
                        .to(parts));
        List<String> results = new ArrayList<>();
        int last = scales - 1;
        for (int i = 0; i < last; i++) {
            String read = parts[i];
            if (i > 0 && !first) {
                read = "sum" + i;
                nodes.add(LayerNode.of(new Add(read)).from(results.get(i - 1), parts[i]));
            }
            nodes.add(LayerNode.of(built.apply(conv.withName("conv" + i))).from(read));
            nodes.add(LayerNode.of(new Normalization("norm" + i, norm)));
            results.add("activation" + i);
            nodes.add(LayerNode.of(new Activation(results.get(i), activation)));
        }
        results.add(parts[last]);
        if (first) {
            AveragePool2d pool =
                    new AveragePool2d(
                            "pool", Size2d.of(3), conv.stride(), Size2d.of(1), false, true);
            nodes.add(LayerNode.of(pool).from(parts[last]));
            results.set(last, "pool");
        }
        nodes.add(LayerNode.of(new Concat("concat", null)).from(results.toArray(String[]::new)));
        return new LayerGraph("scales", new Names(List.of("input")), nodes, Names.NONE);
    }
}
