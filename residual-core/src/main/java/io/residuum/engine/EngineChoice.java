package io.residuum.engine;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A choice of the engine to run on. */
public enum EngineChoice {
    /** MXNet, the embedded default on CPUs. */
    MXNET("MXNet"),
    /** PyTorch, for GPUs and for platforms without MXNet's native libraries. */
    PYTORCH("PyTorch"),
    /**
     * PyTorch if a GPU is requested or found. Otherwise MXNet, or PyTorch if MXNet has no native
     * libraries for the platform.
     */
    AUTO("auto");

    private final String engineName;

    EngineChoice(String engineName) {
        this.engineName = engineName;
    }

    String engineName() {
        return engineName;
    }

    /**
     * {@return the choice that a text names}
     *
     * @param text {@code mxnet}, {@code pytorch} or {@code auto}, in any case
     * @throws IllegalArgumentException if the text is none of these
     */
    public static EngineChoice of(String text) {
        for (EngineChoice choice : values()) {
            if (choice.name().equalsIgnoreCase(text)) {
                return choice;
            }
        }
        String names =
                Arrays.stream(values())
                        .map(c -> c.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
                "engine must be one of %s, got \"%s\"".formatted(names, text));
    }
}
