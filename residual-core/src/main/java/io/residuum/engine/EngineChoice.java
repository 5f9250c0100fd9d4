package io.residuum.engine;

import com.sun.jna.Platform;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A choice of the engine to run on. */
public enum EngineChoice {
    /** MXNet, the embedded default on CPUs. */
    MXNET("MXNet", "linux-x86-64", "darwin-x86-64", "win32-x86-64"),
    /** PyTorch, for GPUs and for platforms without MXNet's native libraries. */
    PYTORCH("PyTorch", "linux-x86-64", "linux-aarch64", "darwin-aarch64", "win32-x86-64"),
    /**
     * PyTorch if a GPU is requested or found. Otherwise MXNet, or PyTorch if MXNet has no native
     * libraries for the platform or is not on the class path.
     */
    AUTO("auto");

    private final String engineName;
    private final Set<String> platforms;

    /**
     * Creates a choice.
     *
     * @param platforms those with published native libraries, as JNA names them
     */
    EngineChoice(String engineName, String... platforms) {
        this.engineName = engineName;
        this.platforms = Set.of(platforms);
    }

    boolean hasNatives() {
        return platforms.contains(Platform.RESOURCE_PREFIX);
    }

    /** Returns the coordinates of the artifact that brings the engine and its native libraries. */
    String artifact() {
        return "io.residuum:residual-engine-" + name().toLowerCase(Locale.ROOT);
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
