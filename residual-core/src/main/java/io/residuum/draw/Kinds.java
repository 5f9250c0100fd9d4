package io.residuum.draw;

import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.TransposedConvolution;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds the kind of the main layer among operations. */
final class Kinds {
    /** The kinds of operations. All others are {@link Box.Kind#OTHER}. */
    private static final Map<Class<? extends Operation>, Box.Kind> KINDS =
            Map.ofEntries(
                    Map.entry(Operation.Attention.class, Box.Kind.ATTENTION),
                    Map.entry(Operation.Convolution.class, Box.Kind.CONVOLUTION),
                    Map.entry(TransposedConvolution.class, Box.Kind.CONVOLUTION),
                    Map.entry(Operation.Linear.class, Box.Kind.LINEAR),
                    Map.entry(Operation.Product.class, Box.Kind.LINEAR),
                    Map.entry(Operation.Embedding.class, Box.Kind.EMBEDDING),
                    Map.entry(Operation.BatchNorm.class, Box.Kind.NORM),
                    Map.entry(Operation.LayerNorm.class, Box.Kind.NORM),
                    Map.entry(Operation.Pool.class, Box.Kind.POOLING),
                    Map.entry(Operation.GlobalPool.class, Box.Kind.POOLING),
                    Map.entry(Operation.Unary.class, Box.Kind.ACTIVATION),
                    Map.entry(Operation.Softmax.class, Box.Kind.ACTIVATION));

    /** The kinds that multiply matrices or look up their rows. */
    private static final Set<Box.Kind> HEAVY =
            EnumSet.of(Box.Kind.CONVOLUTION, Box.Kind.LINEAR, Box.Kind.EMBEDDING);

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

    /** Returns true if an operation multiplies matrices or looks up their rows. */
    static boolean isHeavy(Operation operation) {
        return HEAVY.contains(of(operation));
    }

    private static Box.Kind of(Operation operation) {
        return KINDS.getOrDefault(operation.getClass(), Box.Kind.OTHER);
    }

    /** Returns the kind of an operation of a layer. Norms may consist of several operations. */
    private static Box.Kind of(Operation operation, String layer) {
        Box.Kind kind = of(operation);
        boolean part =
                kind == Box.Kind.OTHER || kind == Box.Kind.POOLING || kind == Box.Kind.ACTIVATION;
        String name = layer.replaceAll("\\W.*", "").toLowerCase(Locale.ROOT);
        return part && NORMS.contains(name) ? Box.Kind.NORM : kind;
    }
}
