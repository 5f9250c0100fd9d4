package io.residuum.compile;

import io.residuum.emit.RuntimeChoice;

/** Receives decisions made while a network is compiled and runs. */
@FunctionalInterface
public interface CompileListener {

    /**
     * Receives why something is not compiled and runs operation by operation.
     *
     * @param reason one line; each reason comes once
     */
    void notCompiled(String reason);

    /**
     * Receives why the engine runs a network for which onnxruntime was asked. Calls {@link
     * #notCompiled} by default.
     *
     * @param reason one line; each reason comes once
     */
    default void onnxRuntimeNotUsed(String reason) {
        notCompiled(reason);
    }

    /**
     * Receives the runtime that {@link RuntimeChoice#AUTO} has chosen for a kind of inputs. Does
     * nothing by default.
     *
     * @param choice the engine or onnxruntime
     * @param why one line with the inputs and the times
     */
    default void runtimeChosen(RuntimeChoice choice, String why) {}
}
