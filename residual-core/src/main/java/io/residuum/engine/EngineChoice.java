package io.residuum.engine;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which engine to run on. */
public enum EngineChoice {
    /** MXNet, the embedded default on CPUs. */
    MXNET("MXNet"),
    /** PyTorch: for GPUs, and where MXNet has no natives. */
    PYTORCH("PyTorch"),
    /** PyTorch where a GPU is asked for or found, else MXNet where it has natives, else PyTorch. */
    AUTO("auto");

    private final String engineName;

    EngineChoice(String engineName) {
        this.engineName = engineName;
    }

    String engineName() {
        return engineName;
    }

    /**
     * Reads a choice.
     *
     * @param text {@code mxnet}, {@code pytorch} or {@code auto}, in any case
     * @return the choice
     * @throws IllegalArgumentException if it is none of these
     */
    public static EngineChoice of(String text) {
        for (EngineChoice choice : values()) {
            if (choice.name().equalsIgnoreCase(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(
                "engine must be one of "
                        + Arrays.stream(values())
                                .map(c -> c.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))
                        + ", got \""
                        + text
                        + "\"");
    }
}
