package io.residuum.vision.segment;

import io.residuum.engine.Interpolation;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.ResizeTo;
import java.util.ArrayList;
import java.util.List;

/**
 * Atrous spatial pyramid pooling (Chen et al. 2017, arXiv:1706.05587, Section 3.3): a 1x1
 * convolution, 3x3 convolutions of several dilations and the mean of the image, side by side, which
 * a 1x1 convolution joins.
 *
 * @param rates the dilations of the 3x3 convolutions. Default: 12, 24, 36
 * @param channels the channels of each part and of the output. Default: 256
 * @param dropout the dropout rate of the output. Default: 0.5
 */
@TypeName("aspp")
public record Aspp(
        @Default("\"\"") String name,
        @Default("[12, 24, 36]") List<Integer> rates,
        @Default("256") int channels,
        @Default("0.5") double dropout)
        implements Family {
    public Aspp {
        rates = List.copyOf(rates);
        rates.forEach(rate -> Check.positive("rates", rate));
        Check.positive("channels", channels);
        Check.rate("dropout", dropout);
    }

    @Override
    public LayerSpec expand() {
        List<LayerNode> nodes = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i <= rates.size(); i++) {
            Conv2d conv =
                    i == 0
                            ? Conv2d.of(channels, 1)
                            : Conv2d.of(channels, 3)
                                    .withDilation(Size2d.of(rates.get(i - 1)))
                                    .withPadding(Size2d.of(rates.get(i - 1)));
            parts.add("branch" + i);
            nodes.add(LayerNode.of(Convolutions.normed(parts.get(i), conv)).from("input"));
        }
        nodes.add(LayerNode.of(pooled()).from("input"));
        parts.add("everywhere");
        nodes.add(
                LayerNode.of(new ResizeTo("everywhere", Interpolation.Mode.BILINEAR, false))
                        .from("pool", "input"));
        nodes.add(LayerNode.of(new Concat("concat", null)).from(parts.toArray(String[]::new)));
        nodes.add(LayerNode.of(Convolutions.normed("project", Conv2d.of(channels, 1))));
        nodes.add(LayerNode.of(new Dropout("dropout", dropout)));
        LayerGraph graph = new LayerGraph(nodes);
        return new LayerGraph(name, graph.inputs(), nodes, graph.outputs());
    }

    private LayerSpec pooled() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(new AdaptiveAveragePool2d("mean", Size2d.of(1)));
        layers.addAll(Convolutions.layers("", Conv2d.of(channels, 1)));
        return new Sequential("pool", layers);
    }
}
