package io.residuum.emit.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import io.residuum.engine.torch.TorchModule;
import io.residuum.graph.Program;

/** A compiled TorchScript module with its arrays. */
record TorchProgram(PtSymbolBlock module, NDManager manager, NDManager owner, int inputs)
        implements Program {
    @Override
    public NDList run(NDList arrays) {
        if (arrays.size() != inputs) {
            throw new IllegalArgumentException(
                    "a program needs one array for each input and draw of its graph, %d, got %d"
                            .formatted(inputs, arrays.size()));
        }
        // DJL's training flag means: keep this thread's gradient mode. Its inference mode would
        // create arrays that cannot be changed and cannot take part in a gradient.
        return TorchModule.withoutGraphOptimizer(
                () -> inputs == 0 ? withoutInputs() : IValueUtils.forward(module, arrays, true));
    }

    /** Runs a graph without inputs, whose results belong to the program's owner. */
    private NDList withoutInputs() {
        // DJL takes the manager from the first array, and does not pass on an array of this name.
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
