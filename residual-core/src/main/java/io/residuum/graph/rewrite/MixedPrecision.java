package io.residuum.graph.rewrite;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Elementwise;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import io.residuum.graph.TransposedConvolution;
import io.residuum.graph.WriteLast;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mixed precision (Micikevicius et al. 2018, arXiv:1710.03740): the products, which take nearly all
 * the time, compute in a 16-bit type. Weights, inputs and outputs keep their types. So do
 * operations that need float32's range or digits.
 *
 * <p>Convolutions, linear layers, matrix products and attention compute in the given type. The
 * casts of weights are nodes of the graph, so that gradients reach the float32 weights. Elementwise
 * operations, pools, layer norms and operations that move elements compute in the type of their
 * inputs. So do batch norms, with float32 weights and statistics. Softmax, reductions,
 * exponentials, logarithms, powers and roots compute in float32. If operands have different types,
 * float32 wins, unless it comes from weights alone. Products and attention with cached keys and
 * values ({@link WriteLast}) stay float32 unless the cache has the given type, because casting
 * those in every run would take longer than reading them.
 *
 * @param compute {@link DataType#BFLOAT16} or {@link DataType#FLOAT16}
 * @param attention true to compute {@link Operation.Attention} in that type too. CPUs convert each
 *     block of it in both directions, which costs more than its products gain
 */
public record MixedPrecision(DataType compute, boolean attention) implements Pass {

    /** The type that an operation computes in. */
    private enum Precision {
        /** The 16-bit type. */
        LOW,
        /** The 16-bit type, unless an input is a cache of keys or values. */
        LOW_UNCACHED,
        /** The type of the first input. */
        INPUT,
        /** The common type of all inputs. */
        COMMON,
        /** float32, which has the range and the digits. */
        WIDE
    }

    /** The precisions of operations. All others are {@link Precision#COMMON}. */
    private static final Map<Class<? extends Operation>, Precision> OPERATIONS =
            Map.of(
                    Operation.Convolution.class, Precision.LOW,
                    TransposedConvolution.class, Precision.LOW,
                    Operation.Linear.class, Precision.LOW,
                    Operation.Product.class, Precision.LOW_UNCACHED,
                    Operation.Attention.class, Precision.LOW_UNCACHED,
                    Operation.LayerNorm.class, Precision.INPUT,
                    Operation.Embedding.class, Precision.WIDE,
                    Operation.Softmax.class, Precision.WIDE,
                    Operation.Reduce.class, Precision.WIDE);

    /**
     * The elementwise functions whose results exceed the range of 16-bit types, or their digits.
     */
    private static final Set<Enum<?>> SENSITIVE =
            Set.of(
                    Function.EXP,
                    Function.LOG,
                    Function.SIN,
                    Function.COS,
                    Function.SQRT,
                    Function.SQUARE,
                    Arithmetic.POWER);

    /** The smallest bias of a mask: a float16 number whose exponential is 0. */
    private static final double LOWEST = -30_000;

    /**
     * Creates a pass.
     *
     * @throws IllegalArgumentException if the type is neither bfloat16 nor float16
     */
    public MixedPrecision {
        if (compute != DataType.BFLOAT16 && compute != DataType.FLOAT16) {
            throw new IllegalArgumentException(
                    "mixed precision must be bfloat16 or float16, got " + compute);
        }
    }

    /** Creates a pass that computes attention in the given type too. */
    public MixedPrecision(DataType compute) {
        this(compute, true);
    }

    @Override
    public Graph apply(Graph graph) {
        Lowering lowering = new Lowering(compute, attention);
        Graph lowered = graph.map(lowering::lower);
        Map<Node, Node> outputs = new IdentityHashMap<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            Node out = lowered.outputs().get(i);
            outputs.put(out, lowering.cast(out, graph.outputs().get(i).type()));
        }
        return lowered.withOutputs(
                lowered.outputs().stream().map(outputs::get).toList(), graph.outputNames());
    }

    /** The state of rewriting one graph. */
    private static final class Lowering {
        private final DataType compute;
        private final boolean attention;
        private final Set<Node> fixed = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Map<Node, Map<DataType, Node>> casts = new IdentityHashMap<>();

        Lowering(DataType compute, boolean attention) {
            this.compute = compute;
            this.attention = attention;
        }

        private Node lower(Node node) {
            Node lowered = typed(node);
            Operation operation = node.operation();
            boolean known =
                    operation instanceof Leaf leaf
                            ? leaf.isFixed()
                            : fixed.containsAll(node.inputs());
            if (known) {
                fixed.add(lowered);
            }
            return lowered;
        }

        /** Returns a node with its new type and casts of its inputs, which are already lowered. */
        private Node typed(Node node) {
            Operation operation = node.operation();
            if (operation instanceof Operation.Cast) {
                // The reader casts it again if needed; two casts lose no more than one.
                return node;
            }
            if (operation.isLeaf() || node.type() != DataType.FLOAT32) {
                return with(node, node.type());
            }
            if (operation instanceof Operation.BatchNorm) {
                return new Node(
                        operation, node.inputs(), node.shape(), node.input(0).type(), node.layer());
            }
            return switch (precision(node)) {
                case LOW, LOW_UNCACHED -> with(limited(node), compute);
                case INPUT -> with(node, node.input(0).type());
                case COMMON -> with(node, common(node.inputs()));
                case WIDE -> with(node, DataType.FLOAT32);
            };
        }

        private Precision precision(Node node) {
            Operation operation = node.operation();
            Precision precision = OPERATIONS.getOrDefault(operation.getClass(), Precision.COMMON);
            boolean wide =
                    operation instanceof Elementwise e && SENSITIVE.contains(e.function())
                            || operation instanceof Operation.Attention && !attention
                            || precision == Precision.LOW_UNCACHED
                                    && node.inputs().stream().anyMatch(this::isCachedState);
            return wide ? Precision.WIDE : precision;
        }

        /**
         * Returns true for cached keys or values in another type, possibly reshaped or transposed.
         */
        private boolean isCachedState(Node node) {
            Operation operation = node.operation();
            boolean moves =
                    operation instanceof Operation.Reshape
                            || operation instanceof Operation.Transpose
                            || operation instanceof Operation.Cast;
            return operation instanceof WriteLast
                    ? node.type() != compute
                    : moves && isCachedState(node.input(0));
        }

        /** Returns the 16-bit type if all operands have it, except those from weights alone. */
        private DataType common(List<Node> operands) {
            boolean low = false;
            for (Node operand : operands) {
                if (operand.type() == compute) {
                    low = true;
                } else if (!fixed.contains(operand)) {
                    return DataType.FLOAT32;
                }
            }
            return low ? compute : DataType.FLOAT32;
        }

        /** Limits the bias of attention in float16: infinities of a mask can yield NaN. */
        private Node limited(Node node) {
            boolean biased =
                    node.operation() instanceof Operation.Attention && node.inputs().size() > 3;
            if (!biased || compute != DataType.FLOAT16) {
                return node;
            }
            List<Node> inputs = new ArrayList<>(node.inputs());
            Node bias = inputs.get(3);
            inputs.set(3, bias.then(new Operation.Scalar(Arithmetic.MAXIMUM, LOWEST)));
            return node.with(inputs);
        }

        private Node with(Node node, DataType type) {
            List<Node> inputs = new ArrayList<>(node.inputs().size());
            for (Node in : node.inputs()) {
                inputs.add(in.type().isFloating() ? cast(in, type) : in);
            }
            return new Node(node.operation(), inputs, node.shape(), type, node.layer());
        }

        /** Casts a node. All readers share one cast. */
        private Node cast(Node node, DataType type) {
            if (node.type() == type) {
                return node;
            }
            boolean widened =
                    node.operation() instanceof Operation.Cast && node.type() == DataType.FLOAT32;
            if (widened && node.input(0).type() == type) {
                return node.input(0);
            }
            return casts.computeIfAbsent(node, n -> new HashMap<>())
                    .computeIfAbsent(
                            type,
                            t -> {
                                Node made =
                                        new Node(
                                                new Operation.Cast(),
                                                List.of(node),
                                                node.shape(),
                                                t,
                                                node.layer());
                                if (fixed.contains(node)) {
                                    fixed.add(made);
                                }
                                return made;
                            });
        }
    }
}
