package io.residuum.emit.mxnet;

import ai.djl.mxnet.engine.CachedOp;
import ai.djl.mxnet.engine.MxNDArray;
import ai.djl.mxnet.engine.MxNDManager;
import ai.djl.mxnet.engine.MxSymbolBlock;
import ai.djl.mxnet.engine.Symbol;
import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Graph;
import io.residuum.graph.LeafArrays;
import io.residuum.graph.Node;
import io.residuum.graph.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A graph as two symbols, each created when first needed: a fused one for evaluation, and a plain
 * one that MXNet can differentiate.
 */
final class MxnetProgram implements Program {
    private final Graph graph;
    private final LeafArrays arguments;
    private final MxNDManager manager;
    private final List<String> inputs;
    private final boolean fuses;
    private @Nullable Executable fused;
    private @Nullable Executable plain;

    MxnetProgram(
            Graph graph,
            Map<String, NDArray> weights,
            List<NDArray> prepared,
            NDManager owner,
            boolean fuses) {
        this.graph = graph;
        this.manager = (MxNDManager) owner.newSubManager();
        this.arguments = new LeafArrays(weights, prepared, manager);
        this.inputs = new ArrayList<>(graph.inputs().keySet());
        for (int i = 0; i < graph.draws().size(); i++) {
            inputs.add(SymbolWriter.drawn(i));
        }
        this.fuses = fuses && !manager.getDevice().isGpu() && isSinglePrecision(graph);
        executable(false);
        prepared.forEach(array -> array.attach(manager));
    }

    /** Returns true if a graph has no float64 values, which oneDNN cannot fuse. */
    private static boolean isSinglePrecision(Graph graph) {
        return graph.nodes().stream().noneMatch(n -> n.type() == DataType.FLOAT64);
    }

    /** Returns the plain symbol while recording: fused operations silently lack gradients. */
    private synchronized Executable executable(boolean recording) {
        if (fuses && !recording && !SymbolWriter.trains(graph)) {
            if (fused == null) {
                fused = new Executable(true);
            }
            return fused;
        }
        if (plain == null) {
            plain = new Executable(false);
        }
        return plain;
    }

    @Override
    public NDList run(NDList given) {
        if (given.size() != inputs.size()) {
            throw new IllegalArgumentException(
                    "a program needs one array for each of its inputs %s, got %d"
                            .formatted(inputs, given.size()));
        }
        boolean recording = JnaUtils.autogradIsRecording();
        return executable(recording).run(given);
    }

    /** Returns the number of samples: the size of the first axis that is it. */
    private long batch(NDList given) {
        int i = 0;
        for (Node input : graph.inputs().values()) {
            int axis = input.shape().sizes().indexOf(DimExpr.BATCH);
            if (axis >= 0) {
                return given.get(i).getShape().get(axis);
            }
            i++;
        }
        throw new IllegalStateException("a graph whose shapes depend on the batch has no input");
    }

    @Override
    public void close() {
        manager.close();
    }

    /** A symbol with its arguments, run by MXNet's CachedOp. */
    private final class Executable {
        private final CachedOp operation;
        private final MxNDArray[] values;
        private final int[] inputIndices;
        private final Map<Integer, Node> perBatch = new HashMap<>();
        private final Map<Long, Map<Integer, MxNDArray>> filledByBatch = new ConcurrentHashMap<>();
        private final boolean plain;
        private final RunningStatistics statistics;

        Executable(boolean optimized) {
            SymbolWriter.Written written = SymbolWriter.write(graph, optimized);
            plain = !optimized;
            statistics = new RunningStatistics(written.statistics(), arguments);
            Symbol symbol = Symbol.loadJson(manager, written.json());
            if (optimized) {
                Symbol whole = symbol;
                symbol = whole.optimizeFor("MKLDNN", manager.getDevice());
                whole.close();
            }
            MxSymbolBlock block = new MxSymbolBlock(manager, symbol);
            List<Parameter> parameters = block.getAllParameters();
            values = new MxNDArray[parameters.size()];
            inputIndices = new int[values.length];
            for (int i = 0; i < values.length; i++) {
                Parameter parameter = parameters.get(i);
                String name = parameter.getName();
                inputIndices[i] = inputs.indexOf(name);
                if (inputIndices[i] < 0) {
                    Node leaf = Objects.requireNonNull(written.variables().get(name), name);
                    if (leaf.shape().isFixed()) {
                        values[i] = (MxNDArray) arguments.value(leaf);
                        share(values[i], parameter);
                    } else {
                        perBatch.put(i, leaf);
                    }
                }
            }
            operation = JnaUtils.createCachedOp(block, manager, SymbolWriter.trains(graph));
            symbol.close();
        }

        /** Sets a parameter's array but keeps the array's name, which DJL would replace. */
        private static void share(MxNDArray array, Parameter parameter) {
            String before = array.getName();
            parameter.setArray(array);
            array.setName(before);
        }

        private Map<Integer, MxNDArray> filled(long batch) {
            Map<Integer, MxNDArray> all = new HashMap<>();
            perBatch.forEach((i, leaf) -> all.put(i, (MxNDArray) arguments.filled(leaf, batch)));
            return all;
        }

        NDList run(NDList given) {
            MxNDArray[] all = values.clone();
            for (int i = 0; i < all.length; i++) {
                if (inputIndices[i] >= 0) {
                    all[i] = (MxNDArray) given.get(inputIndices[i]);
                }
            }
            if (!perBatch.isEmpty()) {
                Map<Integer, MxNDArray> filled =
                        filledByBatch.computeIfAbsent(batch(given), this::filled);
                filled.forEach((i, array) -> all[i] = array);
            }
            MxNDManager to = given.isEmpty() ? manager : (MxNDManager) given.head().getManager();
            // Only in training mode does pooling keep the values for its gradient, and do batch
            // norms that stand for layer norms not use their statistics.
            boolean before = JnaUtils.autogradSetTraining(plain);
            NDList results;
            try (Ops.Pause alone = Ops.of(to).exclusive()) {
                results = new NDList(JnaUtils.cachedOpInvoke(to, operation.getHandle(), all));
            } finally {
                JnaUtils.autogradSetTraining(before);
            }
            int outputs = graph.outputs().size();
            if (results.size() == outputs) {
                return results;
            }
            statistics.update(results.subNDList(outputs), given.head());
            return new NDList(results.subList(0, outputs));
        }
    }
}
