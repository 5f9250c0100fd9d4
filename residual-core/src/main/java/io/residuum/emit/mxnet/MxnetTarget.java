package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import java.util.List;
import java.util.Map;

/**
 * Runs a graph on MXNet as one operation of the engine.
 *
 * <p>For inference in float32 on the CPU, oneDNN fuses convolutions with their norms, activations
 * and residual sums. Fusion copies the parameters of norms: create the program again after they
 * change. The program runs without fusion while gradients are recorded.
 */
public final class MxnetTarget implements Target {
    private final boolean fuses;

    /** Creates a target that fuses operations if possible. */
    public MxnetTarget() {
        this(true);
    }

    /**
     * Creates a target.
     *
     * @param fuses true to fuse operations for inference, in float32 on the CPU
     */
    public MxnetTarget(boolean fuses) {
        this.fuses = fuses;
    }

    /** Returns false if an operation needs an open size as a number, which MXNet cannot compute. */
    @Override
    public boolean servesAnySize(Graph graph) {
        return SymbolShapes.needingFixedSize(graph).isEmpty();
    }

    @Override
    public Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner) {
        return new MxnetProgram(graph, weights, prepared, owner, fuses);
    }
}
