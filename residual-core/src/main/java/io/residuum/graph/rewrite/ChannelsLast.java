package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Converts images and weights of convolutions to channels-last memory layout, which the fastest
 * kernels need. Only leaves are converted; other operations keep the layout of their inputs. Shapes
 * and values stay the same.
 */
public final class ChannelsLast implements Pass {
    @Override
    public Graph apply(Graph graph) {
        Map<Node, Node> arranged = new IdentityHashMap<>();
        return graph.map(
                node -> {
                    boolean images =
                            node.operation() instanceof Operation.Convolution
                                    && node.shape().dimension() == 4;
                    if (!images) {
                        return node;
                    }
                    List<Node> inputs = new ArrayList<>(node.inputs());
                    for (int i = 0; i < 2; i++) {
                        Node in = inputs.get(i);
                        if (isCastLeaf(in)) {
                            inputs.set(
                                    i,
                                    arranged.computeIfAbsent(
                                            in, n -> n.then(new Operation.ChannelsLast())));
                        }
                    }
                    return node.with(inputs);
                });
    }

    /** Returns true for a leaf, or a leaf cast to another type. */
    private static boolean isCastLeaf(Node node) {
        Node origin = node;
        while (origin.operation() instanceof Operation.Cast) {
            origin = origin.input(0);
        }
        return origin.operation().isLeaf();
    }
}
