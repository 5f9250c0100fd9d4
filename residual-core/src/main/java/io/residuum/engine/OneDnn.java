package io.residuum.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Keeps PyTorch's kernel library for CPUs from wrong results in virtual machines.
 *
 * <p>oneDNN 3.7.1, a part of PyTorch 2.7.1, plans its copies by the sizes of the processor's
 * caches. A virtual machine may hide them. On AMD the library then takes them for one byte, and
 * copies numbers of channels that do not fill a block only in part (a later version mends the same
 * on ARM: pull request 5314 of oneDNN). Convolutions and their gradients are wrong by up to a
 * third. Its code for SSE 4.1 is right, but takes two to four times as long.
 */
final class OneDnn {
    private static final String VARIABLE = "ONEDNN_MAX_CPU_ISA";
    private static final String OLD_VARIABLE = "DNNL_MAX_CPU_ISA";
    private static final String RIGHT = "SSE41";

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

    /** Channels that do not fill the last block of 8 or 16. */
    private static final int CHANNELS = 20;

    private static boolean checked;

    private OneDnn() {}

    /** {@return the environment variables that the library needs on this machine} */
    static Map<String, String> environment() {
        return System.getenv(OLD_VARIABLE) == null && hidesCaches(PROCESSORS, CACHES)
                ? Map.of(VARIABLE, RIGHT)
                : Map.of();
    }

    /** Returns true for an AMD processor whose kernel knows no caches. */
    static boolean hidesCaches(Path processors, Path caches) {
        try {
            return !Files.exists(caches)
                    && Files.readString(processors, StandardCharsets.ISO_8859_1)
                            .contains("AuthenticAMD");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Computes a convolution, at which the library also reads its environment.
     *
     * @throws BackendException if it is wrong
     */
    static synchronized void checkOnce(Engine engine) {
        if (!checked) {
            check(engine);
            checked = true;
        }
    }

    private static void check(Engine engine) {
        Shape one = new Shape(1, 1);
        try (NDManager manager = engine.newBaseManager(Device.cpu())) {
            NDArray images = manager.ones(new Shape(2, CHANNELS, 3, 3));
            NDArray weights = manager.ones(new Shape(1, CHANNELS, 3, 3));
            float sum =
                    Conv2d.conv2d(images, weights, null, one, new Shape(0, 0), one)
                            .singletonOrThrow()
                            .toFloatArray()[0];
            if (sum != CHANNELS * 9) {
                throw new BackendException(
                        "the convolutions of %s %s are wrong on this machine: %d ones add up to %s. Set %s=%s in the environment, or use --engine mxnet"
                                .formatted(
                                        engine.getEngineName(),
                                        engine.getVersion(),
                                        CHANNELS * 9,
                                        sum,
                                        VARIABLE,
                                        RIGHT));
            }
        }
    }
}
