package io.residuum.emit.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import io.residuum.engine.torch.TorchModule;
import io.residuum.graph.Program;

/** A compiled module and the arrays it holds. */
final class TorchProgram implements Program {
    private final PtSymbolBlock module;
    private final NDManager manager;
    private final NDManager owner;
    private final int inputs;

    TorchProgram(PtSymbolBlock module, NDManager manager, NDManager owner, int inputs) {
        this.module = module;
        this.manager = manager;
        this.owner = owner;
        this.inputs = inputs;
    }

    @Override
    public NDList run(NDList arrays) {
        if (arrays.size() != inputs) {
            throw new IllegalArgumentException(
                    "a program must be given all inputs and draws of its graph, "
                            + inputs
                            + ", got "
                            + arrays.size());
        }
        // What is called training here is PyTorch as this thread has it: recording or not. The
        // other mode makes arrays that can neither be changed nor take part in a gradient.
        return TorchModule.plainly(
                () -> inputs == 0 ? withoutInputs() : IValueUtils.forward(module, arrays, true));
    }

    /** The results of a graph without inputs belong to the owner of the program. */
    private NDList withoutInputs() {
        // DJL takes the manager from the first array; one of this name is no argument.
        try (NDArray none = owner.zeros(new Shape(0))) {
            none.setName("module_method:forward");
            return IValueUtils.forward(module, new NDList(none), true);
        }
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
