package io.residuum.graph.rewrite;

import io.residuum.graph.Arithmetics;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tests of nodes for patterns. */
final class Patterns {
    private Patterns() {}

    static boolean isUnary(Node node, Function function) {
        return node.operation() instanceof Operation.Unary u && u.function() == function;
    }

    static boolean isBinary(Node node, Arithmetic arithmetic) {
        return node.operation() instanceof Operation.Binary b && b.arithmetic() == arithmetic;
    }

    /** Returns the number that a node adds, multiplies by, and so on. */
    static Optional<Double> scalar(Node node, Arithmetic arithmetic) {
        return node.operation() instanceof Operation.Scalar s && s.arithmetic() == arithmetic
                ? Optional.of(s.value())
                : Optional.empty();
    }

    /**
     * Returns the values of a constant after scalar operations and reshapes; null for other nodes.
     * If a constant is sliced to an open size, returns all its values.
     */
    static double @Nullable [] constant(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Leaf.Constant constant) {
            return constant.values();
        }
        boolean whole =
                operation instanceof Operation.Reshape
                        || operation instanceof Operation.Slice slice
                                && slice.from().equals(DimExpr.of(0))
                                && !slice.to().isFixed();
        if (whole) {
            return constant(node.input(0));
        }
        if (!(operation instanceof Operation.Scalar scalar)) {
            return null;
        }
        double[] values = constant(node.input(0));
        if (values == null) {
            return null;
        }
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = Arithmetics.apply(scalar.arithmetic(), values[i], scalar.value());
        }
        return result;
    }
}
