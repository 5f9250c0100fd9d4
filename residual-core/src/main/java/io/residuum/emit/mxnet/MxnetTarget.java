package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import java.util.List;
import java.util.Map;

/**
 * Runs graphs on MXNet as one operation of the engine.
 *
 * <p>A graph that does not train is also fused by oneDNN where MXNet can: convolutions with their
 * norms, activations and residual sums. What is fused remembers the parameters of norms: a program
 * must be made again when they change. While gradients are recorded, it runs without fusion.
 */
public final class MxnetTarget implements Target {
    private final boolean fuses;

    /** Creates a target that fuses where it can. */
    public MxnetTarget() {
        this(true);
    }

    /**
     * Creates a target.
     *
     * @param fuses whether operations are fused for inference, in float32 on the CPU
     */
    public MxnetTarget(boolean fuses) {
        this.fuses = fuses;
    }

    /** Operations of MXNet know no size but those of their operands. */
    @Override
    public boolean servesAnySize(Graph graph) {
        return SymbolShapes.pinned(graph).isEmpty();
    }

    @Override
    public Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner) {
        return new MxnetProgram(graph, weights, prepared, owner, fuses);
    }
}
