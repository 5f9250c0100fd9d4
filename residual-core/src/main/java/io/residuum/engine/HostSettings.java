package io.residuum.engine;

import ai.djl.util.Utils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes settings of the whole process. All of them are here.
 *
 * <ul>
 *   <li>Environment variables and properties that an engine or a tokenizer library reads when it
 *       loads are set for that moment only.
 *   <li>DJL's default engine is the engine of the open backends, until the last one closes.
 *   <li>glibc's allocator changes for the life of the process, only if the program asks for it by
 *       {@link #keepFreedMemory}.
 * </ul>
 *
 * <p>Variables and properties that the user has set take precedence.
 */
public final class HostSettings {
    private static final Logger LOG = LoggerFactory.getLogger(HostSettings.class);

    private static final String DEFAULT_ENGINE = "ai.djl.default_engine";

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_MAX = -4;
    private static final int M_ARENA_MAX = -8;
    private static final int TOP_PAD_BYTES = 256 << 20;

    private static final ReentrantLock PROPERTIES = new ReentrantLock();

    /** The engines of the open backends, in the order of opening. */
    private static final List<String> OPEN = new ArrayList<>();

    private static final Map<EngineChoice, Integer> GIVEN = new EnumMap<>(EngineChoice.class);

    /** The number that {@link #useThreads} has set, or 0. */
    private static int threads;

    /** True while the default engine is ours to change. */
    private static boolean ownsDefault;

    private HostSettings() {}

    /**
     * Lets glibc's allocator keep freed memory for the rest of the process. Call it at the start of
     * a program that trains on Linux; the command line does. By default glibc returns freed
     * activations to the kernel and faults them in again at the next step, which costs PyTorch a
     * third of its time and MXNet up to a sixth. The process then keeps its peak memory, and all
     * its threads share one arena.
     *
     * <p>Does nothing on other systems, or if the user has set {@code MALLOC_} variables or {@code
     * LD_PRELOAD}.
     */
    public static void keepFreedMemory() {
        if (!Platform.isLinux()
                || System.getenv().keySet().stream().anyMatch(k -> k.startsWith("MALLOC_"))
                || System.getenv("LD_PRELOAD") != null) {
            return;
        }
        try {
            Function mallopt = libc("mallopt");
            mallopt.invokeInt(new Object[] {M_MMAP_MAX, 0});
            mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, Integer.MAX_VALUE});
            mallopt.invokeInt(new Object[] {M_TOP_PAD, TOP_PAD_BYTES});
            mallopt.invokeInt(new Object[] {M_ARENA_MAX, 1});
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("the C library has no mallopt; its allocator keeps its settings", e);
        }
    }

    /**
     * Sets the number of threads of the engines that load afterwards. With the same number a
     * training gives the same bits, because it decides in which order an engine adds. By default an
     * engine takes all processors; MXNet takes fewer if other processes take more than half of the
     * machine while it loads. {@code OMP_NUM_THREADS} takes precedence.
     *
     * @param number at least 1
     */
    public static synchronized void useThreads(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + number);
        }
        threads = number;
    }

    /** {@return the number of threads that {@link #whileLoading} gave an engine, or all} */
    static synchronized int threads(EngineChoice engine) {
        return GIVEN.getOrDefault(engine, Runtime.getRuntime().availableProcessors());
    }

    /** Returns the environment variables that an engine should read when it loads. */
    private static Map<String, String> environment(EngineChoice engine) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (engine == EngineChoice.PYTORCH) {
            variables.putAll(OneDnn.environment());
        }
        // OpenMP's threads wait for each other after every operation. By default they spin 300
        // times longer before they sleep. That is no faster on an idle machine, and on a busy one
        // it takes the processor from the thread that they wait for.
        variables.put("GOMP_SPINCOUNT", "1000");
        String set = System.getenv("OMP_NUM_THREADS");
        if (set != null && set.matches("[1-9]\\d{0,3}")) {
            GIVEN.put(engine, Integer.parseInt(set));
        } else if (threads > 0) {
            GIVEN.put(engine, threads);
        } else if (engine == EngineChoice.MXNET) {
            // oneDNN's barriers spin without a limit, so fewer threads are faster beside others.
            GIVEN.put(engine, Processors.free());
        } else if (Processors.limited()) {
            // PyTorch counts the processors of the host, not those of a container's quota.
            GIVEN.put(engine, Runtime.getRuntime().availableProcessors());
        }
        if (GIVEN.containsKey(engine)) {
            variables.put("OMP_NUM_THREADS", GIVEN.get(engine) + "");
        }
        return variables;
    }

    /** Loads an engine with the {@link #environment} that it should read. */
    static synchronized <T> T whileLoading(EngineChoice engine, Supplier<T> load) {
        List<String> set = new ArrayList<>();
        try {
            if (Platform.isLinux()) {
                environment(engine).forEach((name, value) -> setIfAbsent(name, value, set));
            }
            return load.get();
        } finally {
            // Libraries and child processes of the host must not see them.
            set.forEach(name -> libc("unsetenv").invokeInt(new Object[] {name}));
        }
    }

    private static void setIfAbsent(String name, String value, List<String> set) {
        try {
            Pointer there = libc("getenv").invokePointer(new Object[] {name});
            if (there == null) {
                libc("setenv").invokeInt(new Object[] {name, value, 1});
                set.add(name);
            }
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("the C library has no setenv; the engine reads its default settings", e);
        }
    }

    /** Settings that hold until they are closed. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Sets system properties that a library reads at one moment, such as loading. Close the scope
     * after it, in the same thread; other threads that set properties wait until then.
     *
     * @param values the properties, by name; those that the user has set stay
     * @return the scope, which clears the properties
     */
    public static Scope properties(Map<String, String> values) {
        PROPERTIES.lock();
        List<String> set =
                values.keySet().stream()
                        .filter(name -> isEmpty(Utils.getEnvOrSystemProperty(name)))
                        .toList();
        set.forEach(name -> System.setProperty(name, values.get(name)));
        return () -> {
            set.forEach(System::clearProperty);
            PROPERTIES.unlock();
        };
    }

    /** Sets DJL's default engine, because DJL's helpers must not load another one beside it. */
    static synchronized void opened(String engine) {
        if (OPEN.isEmpty()) {
            ownsDefault =
                    isEmpty(System.getProperty(DEFAULT_ENGINE))
                            && isEmpty(Utils.getEnvOrSystemProperty("DJL_DEFAULT_ENGINE"));
        }
        OPEN.add(engine);
        setDefaultEngine();
    }

    /** Restores the default engine when the last backend closes. */
    static synchronized void closed(String engine) {
        OPEN.remove(OPEN.lastIndexOf(engine));
        setDefaultEngine();
    }

    private static void setDefaultEngine() {
        if (!ownsDefault) {
            return;
        }
        if (OPEN.isEmpty()) {
            System.clearProperty(DEFAULT_ENGINE);
        } else {
            System.setProperty(DEFAULT_ENGINE, OPEN.get(OPEN.size() - 1));
        }
    }

    private static boolean isEmpty(@Nullable String value) {
        return value == null || value.isEmpty();
    }

    private static Function libc(String name) {
        return NativeLibrary.getInstance("c").getFunction(name);
    }
}
