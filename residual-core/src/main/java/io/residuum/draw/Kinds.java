package io.residuum.draw;

import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.TransposedConvolution;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Finds the kind of the main layer among operations. */
final class Kinds {
    private static final Set<String> NORMS =
            Set.of("batchnorm", "layernorm", "rmsnorm", "groupnorm", "instancenorm");

    private Kinds() {}

    /**
     * Returns the first kind in the order of {@link Box.Kind} that one of the operations has.
     *
     * @param nodes the operations
     * @param tree the layers that they belong to
     */
    static Box.Kind main(Collection<Node> nodes, LayerTree tree) {
        Set<Box.Kind> found = EnumSet.of(Box.Kind.OTHER);
        boolean product = false;
        boolean softmax = false;
        for (Node node : nodes) {
            found.add(of(node.operation(), tree.describe(node.layer())));
            product |= node.operation() instanceof Operation.Product;
            softmax |= node.operation() instanceof Operation.Softmax;
        }
        return product && softmax ? Box.Kind.ATTENTION : found.iterator().next();
    }

    private static Box.Kind of(Operation operation, String layer) {
        if (operation instanceof Operation.Attention) {
            return Box.Kind.ATTENTION;
        }
        if (operation instanceof Operation.Convolution
                || operation instanceof TransposedConvolution) {
            return Box.Kind.CONVOLUTION;
        }
        if (operation instanceof Operation.Linear || operation instanceof Operation.Product) {
            return Box.Kind.LINEAR;
        }
        if (operation instanceof Operation.Embedding) {
            return Box.Kind.EMBEDDING;
        }
        if (operation instanceof Operation.BatchNorm
                || operation instanceof Operation.LayerNorm
                || NORMS.contains(layer.replaceAll("\\W.*", "").toLowerCase(Locale.ROOT))) {
            return Box.Kind.NORM;
        }
        if (operation instanceof Operation.Pool || operation instanceof Operation.GlobalPool) {
            return Box.Kind.POOLING;
        }
        boolean activation =
                operation instanceof Operation.Unary || operation instanceof Operation.Softmax;
        return activation ? Box.Kind.ACTIVATION : Box.Kind.OTHER;
    }
}
