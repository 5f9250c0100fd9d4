package io.residuum.emit;

import java.util.Locale;

/** The runtime of a network's programs in prediction. Training always runs on the engine. */
public enum RuntimeChoice {
    /** The engine of the backend. */
    ENGINE,
    /** onnxruntime, which needs {@code com.microsoft.onnxruntime:onnxruntime} on the class path. */
    ONNXRUNTIME,
    /** The faster of both on the first inputs; the engine where onnxruntime is missing. */
    AUTO;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
