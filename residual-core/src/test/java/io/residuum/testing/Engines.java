package io.residuum.testing;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.residuum.engine.Backend;
import io.residuum.engine.BackendException;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.provider.Arguments;

/** One backend on the CPU for each engine, opened when first asked for and never closed. */
public final class Engines {
    private static final Map<EngineChoice, Backend> OPEN = new EnumMap<>(EngineChoice.class);

    private Engines() {}

    /**
     * Every engine that runs on this platform. Tests are handed these and not backends, since JUnit
     * closes closeable arguments.
     *
     * @return MXNet where it has natives, then PyTorch
     */
    public static synchronized List<EngineChoice> all() {
        if (OPEN.isEmpty()) {
            // MXNet first: its start takes the threads away from an engine that runs already.
            for (EngineChoice choice : List.of(EngineChoice.MXNET, EngineChoice.PYTORCH)) {
                open(choice);
            }
        }
        return List.copyOf(OPEN.keySet());
    }

    /** The CPU; {@code -Dresiduum.test.device=gpu} has PyTorch tested on a GPU. */
    private static DeviceChoice device(EngineChoice choice) {
        return choice == EngineChoice.PYTORCH
                ? DeviceChoice.of(System.getProperty("residuum.test.device", "cpu"))
                : DeviceChoice.CPU;
    }

    private static void open(EngineChoice choice) {
        try {
            OPEN.put(choice, Backend.open(choice, device(choice)));
        } catch (BackendException e) {
            if (choice == EngineChoice.PYTORCH) {
                throw e;
            }
        }
    }

    /**
     * The backend of an engine, shared by all tests of the process.
     *
     * @param engine one of {@link #all}
     * @return a backend that is not to be closed
     */
    public static Backend backend(EngineChoice engine) {
        Assumptions.assumeTrue(all().contains(engine), engine + " has no natives here");
        return OPEN.get(engine);
    }

    /**
     * Every engine with every case, for a parameterized test {@code (EngineChoice, T)}.
     *
     * @param cases what to run on each engine
     * @return the product
     */
    public static Stream<Arguments> with(Collection<?> cases) {
        return all().stream().flatMap(engine -> cases.stream().map(c -> arguments(engine, c)));
    }

    /**
     * Both engines, for tests that compare them; skips the test where one is missing.
     *
     * @return MXNet, then PyTorch
     */
    public static List<Backend> both() {
        return List.of(backend(EngineChoice.MXNET), backend(EngineChoice.PYTORCH));
    }
}
