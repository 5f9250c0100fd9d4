package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the channels of a pixel beside each other in memory, which the fastest convolutions want: in
 * the images that enter convolutions from outside and in the weights of convolutions. All other
 * operations keep the layout they find. Shapes and values stay as they are.
 */
public final class ChannelsLast implements Pass {
    @Override
    public Graph apply(Graph graph) {
        Map<Node, Node> arranged = new IdentityHashMap<>();
        return graph.map(
                node -> {
                    if (!(node.operation() instanceof Operation.Convolution)) {
                        return node;
                    }
                    List<Node> inputs = new ArrayList<>(node.inputs());
                    for (int i = 0; i < 2; i++) {
                        Node in = inputs.get(i);
                        if (comesFromOutside(in)) {
                            inputs.set(i, arranged.computeIfAbsent(in, ChannelsLast::arrange));
                        }
                    }
                    return node.with(inputs);
                });
    }

    /** An input or weight, in whatever type. */
    private static boolean comesFromOutside(Node node) {
        Node origin = node;
        while (origin.operation() instanceof Operation.Cast) {
            origin = origin.input(0);
        }
        return origin.operation().isLeaf();
    }

    private static Node arrange(Node node) {
        return new Node(
                new Operation.ChannelsLast(),
                List.of(node),
                node.shape(),
                node.type(),
                node.layer());
    }
}
