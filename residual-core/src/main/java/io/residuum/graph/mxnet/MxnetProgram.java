package io.residuum.graph.mxnet;

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
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A symbol with its arguments, run by MXNet's operation for symbols. */
final class MxnetProgram implements Program {
    private static final String ONEDNN = "MKLDNN";

    private final MxNDManager manager;
    private final SymbolWriter.Written written;
    private final Map<String, MxNDArray> arguments;
    private final List<String> inputs;
    private final int outputs;
    private final RunningStatistics statistics;
    private final boolean fuses;
    private @Nullable Executable fused;
    private @Nullable Executable plain;

    private MxnetProgram(
            Graph graph,
            Arguments given,
            SymbolWriter.Written written,
            MxNDManager manager,
            boolean fuses) {
        this.manager = manager;
        this.written = written;
        this.fuses = fuses && !written.trains() && isSingle(graph) && !manager.getDevice().isGpu();
        this.arguments = new HashMap<>();
        this.inputs = new ArrayList<>(graph.inputs().keySet());
        for (int i = 0; i < graph.draws().size(); i++) {
            inputs.add(SymbolWriter.drawn(i));
        }
        written.variables()
                .forEach(
                        (name, leaf) -> {
                            NDArray value = given.value(leaf);
                            if (value != null) {
                                arguments.put(name, (MxNDArray) value);
                            }
                        });
        this.outputs = graph.outputs().size();
        this.statistics = new RunningStatistics(written.statistics(), given);
    }

    static MxnetProgram of(
            Graph graph,
            Map<String, NDArray> weights,
            List<NDArray> prepared,
            NDManager owner,
            boolean fuses) {
        MxNDManager manager = (MxNDManager) owner.newSubManager();
        Arguments given = new Arguments(weights, prepared, manager);
        return new MxnetProgram(graph, given, SymbolWriter.write(graph), manager, fuses);
    }

    private static boolean isSingle(Graph graph) {
        return graph.nodes().stream().noneMatch(n -> n.type() == DataType.FLOAT64);
    }

    /** One way of running the symbol. */
    private final class Executable {
        private final CachedOp operation;
        private final MxNDArray[] values;
        private final int[] places;

        Executable(boolean optimized) {
            Symbol symbol = Symbol.loadJson(manager, written.json());
            if (optimized) {
                Symbol whole = symbol;
                symbol = whole.optimizeFor(ONEDNN, manager.getDevice());
                whole.close();
            }
            MxSymbolBlock block = new MxSymbolBlock(manager, symbol);
            List<Parameter> parameters = block.getAllParameters();
            values = new MxNDArray[parameters.size()];
            places = new int[inputs.size()];
            java.util.Arrays.fill(places, -1);
            for (int i = 0; i < values.length; i++) {
                String name = parameters.get(i).getName();
                MxNDArray value = arguments.get(name);
                if (value == null) {
                    places[inputs.indexOf(name)] = i;
                } else {
                    String before = value.getName();
                    parameters.get(i).setArray(value);
                    value.setName(before);
                    values[i] = value;
                }
            }
            operation = JnaUtils.createCachedOp(block, manager, written.trains());
            symbol.close();
        }

        NDList run(NDList given) {
            MxNDArray[] all = values.clone();
            for (int i = 0; i < places.length; i++) {
                if (places[i] >= 0) {
                    all[places[i]] = (MxNDArray) given.get(i);
                }
            }
            MxNDManager to = given.isEmpty() ? manager : (MxNDManager) given.head().getManager();
            return new NDList(JnaUtils.cachedOpInvoke(to, operation.getHandle(), all));
        }
    }

    /** Records one operation, or none: what is fused has no gradient, and does not say so. */
    private synchronized Executable executable() {
        if (fuses && !JnaUtils.autogradIsRecording()) {
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
                    "a program must be given its inputs " + inputs + ", got " + given.size());
        }
        Executable executable = executable();
        boolean before = JnaUtils.autogradSetTraining(written.trains());
        NDList all;
        try {
            all = executable.run(given);
        } finally {
            JnaUtils.autogradSetTraining(before);
        }
        if (all.size() == outputs) {
            return all;
        }
        statistics.update(all.subNDList(outputs), given.head());
        return new NDList(all.subList(0, outputs));
    }

    @Override
    public void close() {
        manager.close();
    }
}
