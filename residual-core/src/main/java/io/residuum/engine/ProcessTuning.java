package io.residuum.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets process settings that an engine reads once, when it loads. Variables in the user's
 * environment take precedence.
 *
 * <p>MXNet uses half of the processors unless {@code OMP_NUM_THREADS} is set. glibc returns freed
 * activations to the kernel and faults them in again at the next step, which costs PyTorch a third
 * of its time and MXNet up to a sixth.
 */
final class ProcessTuning {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessTuning.class);

    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_MAX = -4;
    private static final int M_ARENA_MAX = -8;
    private static final int TOP_PAD_BYTES = 256 << 20;

    private ProcessTuning() {}

    static void apply(EngineChoice engine) {
        // DJL's helpers use the default engine, and must never load the other one.
        System.setProperty("ai.djl.default_engine", engine.engineName());
        if (!Platform.isLinux()) {
            return;
        }
        try {
            keepFreedMemory();
            if (engine == EngineChoice.MXNET) {
                setenvIfAbsent("OMP_NUM_THREADS", Runtime.getRuntime().availableProcessors() + "");
                // Spinning OpenMP workers compete with MXNet's threads.
                setenvIfAbsent("GOMP_SPINCOUNT", "1000");
            }
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("cannot call the C library; the engine runs with its default settings", e);
        }
    }

    private static void setenvIfAbsent(String name, String value) {
        if (System.getenv(name) == null) {
            libc("setenv").invokeInt(new Object[] {name, value, 1});
        }
    }

    private static void keepFreedMemory() {
        if (System.getenv().keySet().stream().anyMatch(k -> k.startsWith("MALLOC_"))
                || System.getenv("LD_PRELOAD") != null) {
            return;
        }
        Function mallopt = libc("mallopt");
        mallopt.invokeInt(new Object[] {M_MMAP_MAX, 0});
        mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, Integer.MAX_VALUE});
        mallopt.invokeInt(new Object[] {M_TOP_PAD, TOP_PAD_BYTES});
        mallopt.invokeInt(new Object[] {M_ARENA_MAX, 1});
    }

    private static Function libc(String name) {
        return NativeLibrary.getInstance("c").getFunction(name);
    }
}
