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
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.spatial.ResizeTo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The expanding half of a U-Net (Ronneberger et al. 2015, arXiv:1505.04597) for the features of any
 * network: each step enlarges the map to the size of the next finer feature, joins both and applies
 * two 3x3 convolutions. It reads one feature more than it has steps, from fine to coarse.
 *
 * @param name its name. Default: empty
 * @param channels the channels of each step, from coarse to fine
 */
@TypeName("unetDecoder")
public record UnetDecoder(@Default("\"\"") String name, List<Integer> channels) implements Family {
    public UnetDecoder {
        channels = List.copyOf(channels);
        Check.that(!channels.isEmpty(), "channels must have one step or more, got none");
        channels.forEach(c -> Check.positive("channels", c));
    }

    @Override
    public LayerSpec expand() {
        int steps = channels.size();
        List<String> features =
                IntStream.rangeClosed(0, steps).mapToObj(i -> "feature" + i).toList();
        List<LayerNode> nodes = new ArrayList<>();
        String last = features.get(steps);
        for (int i = 0; i < steps; i++) {
            String finer = features.get(steps - 1 - i);
            nodes.add(
                    LayerNode.of(new ResizeTo("up" + i, Interpolation.Mode.NEAREST, false))
                            .from(last, finer));
            nodes.add(LayerNode.of(new Concat("skip" + i, null)).from("up" + i, finer));
            last = "step" + i;
            Conv2d conv = Conv2d.of(channels.get(i), 3);
            List<LayerSpec> layers =
                    Stream.of("1", "2")
                            .flatMap(suffix -> Convolutions.layers(suffix, conv).stream())
                            .toList();
            nodes.add(LayerNode.of(new Sequential(last, layers)));
        }
        return new LayerGraph(name, new Names(features), nodes, Names.of(last));
    }
}
