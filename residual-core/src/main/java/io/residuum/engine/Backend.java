package io.residuum.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One engine on one device. All managers, parameter stores and gradients of the toolkit come from
 * here. Asking DJL for its default engine would load a second engine, which takes threads away from
 * the first.
 */
public final class Backend implements AutoCloseable {
    private final Engine engine;
    private final Device device;
    private final NDManager manager;
    private final Ops ops;
    private final String reason;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Backend(Engine engine, Device device, String reason) {
        this.engine = engine;
        this.device = device;
        this.manager = engine.newBaseManager(device);
        this.ops = Ops.of(manager);
        this.reason = reason;
        HostSettings.opened(engine.getEngineName());
    }

    /**
     * Opens a backend. The first call in a process loads the engine, which takes about a second.
     * While a backend is open, its engine is DJL's default engine. {@link HostSettings} lists what
     * else concerns the whole process.
     *
     * @param engine the engine, or {@link EngineChoice#AUTO}
     * @param device the device, or {@link DeviceChoice#AUTO}
     * @return an open backend, to be closed by the caller
     * @throws BackendException if the engine or the device is not available on this machine
     */
    public static Backend open(EngineChoice engine, DeviceChoice device) {
        return switch (device.kind()) {
            case CPU -> openCpu(engine, "");
            case GPU ->
                    openGpu(engine == EngineChoice.AUTO ? EngineChoice.PYTORCH : engine, device);
            case AUTO -> openAuto(engine);
        };
    }

    /** Opens a backend with the engine and the device chosen automatically. */
    public static Backend open() {
        return open(EngineChoice.AUTO, DeviceChoice.AUTO);
    }

    private static Backend openAuto(EngineChoice engine) {
        if (engine != EngineChoice.MXNET && nvidiaDriverPresent()) {
            try {
                return openGpu(EngineChoice.PYTORCH, new DeviceChoice(DeviceChoice.Kind.GPU, 0));
            } catch (BackendException e) {
                return openCpu(
                        EngineChoice.PYTORCH,
                        "a GPU was found but cannot be used: " + e.getMessage());
            }
        }
        return openCpu(engine, "no GPU found");
    }

    private static Backend openCpu(EngineChoice choice, String why) {
        EngineChoice engine = choice;
        String reason = why;
        if (choice == EngineChoice.AUTO) {
            engine = mxnetHasNatives() ? EngineChoice.MXNET : EngineChoice.PYTORCH;
            if (engine == EngineChoice.PYTORCH) {
                reason = "MXNet has no natives for " + platform() + "; " + why;
            }
        }
        return new Backend(load(engine), Device.cpu(), reason);
    }

    private static Backend openGpu(EngineChoice choice, DeviceChoice wanted) {
        Engine engine = load(choice);
        Device device = Device.gpu(wanted.index());
        try (NDManager probe = engine.newBaseManager(device);
                NDArray one = probe.ones(new Shape(1))) {
            one.toFloatArray();
        } catch (RuntimeException | LinkageError e) {
            throw new BackendException(
                    String.format(
                            Locale.ROOT,
                            "device gpu:%d cannot be used by %s %s: %s. Looked for: an NVIDIA"
                                + " driver (/dev/nvidiactl: %s), a CUDA build of the engine (the"
                                + " engine sees %d GPUs). %s, or use --device cpu",
                            wanted.index(),
                            engine.getEngineName(),
                            engine.getVersion(),
                            firstLine(e),
                            nvidiaDriverPresent() ? "present" : "absent",
                            engine.getGpuCount(),
                            choice == EngineChoice.MXNET
                                    ? "MXNet's last CUDA build stops at compute capability 8.6: use"
                                            + " --engine pytorch"
                                    : "Install a driver and put a CUDA build of PyTorch on the path"
                                            + " (see docs, \"GPU\")"),
                    e);
        }
        return new Backend(engine, device, "");
    }

    private static Engine load(EngineChoice choice) {
        NativeCache.prepare();
        if (choice == EngineChoice.MXNET && !mxnetHasNatives()) {
            throw new BackendException(
                    "MXNet has no natives for " + platform() + ": use --engine pytorch");
        }
        try {
            return HostSettings.whileLoading(choice, () -> Engine.getEngine(choice.engineName()));
        } catch (RuntimeException | LinkageError e) {
            throw new BackendException(
                    ("engine %s cannot be loaded: %s. Its DJL engine and the natives for %s must be"
                                    + " on the class path; engines found: %s")
                            .formatted(
                                    choice.engineName(), firstLine(e), platform(), enginesFound()),
                    e);
        }
    }

    private static String enginesFound() {
        try {
            return String.join(", ", Engine.getAllEngines());
        } catch (LinkageError e) {
            // DJL's Engine class does not load without an engine.
            return "none";
        }
    }

    private static boolean mxnetHasNatives() {
        return Platform.isIntel() && Platform.is64Bit();
    }

    private static boolean nvidiaDriverPresent() {
        return Files.exists(Path.of("/dev/nvidiactl"));
    }

    private static String platform() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch");
    }

    private static String firstLine(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message =
                Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
        // PyTorch's messages have a thousand characters; the first sentence names the cause.
        return message.lines().findFirst().orElse("").split("\\.\\s", 2)[0].strip();
    }

    /** Returns DJL's engine. */
    public Engine engine() {
        return engine;
    }

    /** Returns the engine's constant, never {@link EngineChoice#AUTO}. */
    public EngineChoice choice() {
        return EngineChoice.of(engine.getEngineName());
    }

    /** Returns DJL's device. */
    public Device device() {
        return device;
    }

    /** Returns the base manager, which owns arrays that live as long as this backend. */
    public NDManager manager() {
        return manager;
    }

    /**
     * {@return a new sub-manager for arrays that live for one step or one call, to be closed by the
     * caller}
     */
    public NDManager newManager() {
        return manager.newSubManager();
    }

    /** {@return a new store that provides parameters on this device without copying them} */
    public ParameterStore newParameterStore() {
        return new ParameterStore(manager, false);
    }

    /** Starts recording for gradients, until the caller closes the collector. */
    public GradientCollector newGradientCollector() {
        return engine.newGradientCollector();
    }

    /** Returns this engine's implementation of the operations that differ between engines. */
    public Ops ops() {
        return ops;
    }

    /**
     * Seeds the engine's random generator, which dropout uses.
     *
     * @param seed any number
     */
    public void seed(long seed) {
        // MXNet's seed is an int: fold both halves, so that every bit counts.
        engine.setRandomSeed((int) (seed ^ (seed >>> 32)) & Integer.MAX_VALUE);
    }

    /**
     * {@return one line with the engine, version, device, threads and the reason for an automatic
     * choice, for instance {@code MXNet 1.9.1 on cpu, 2 threads (no GPU found)}}
     */
    @Override
    public String toString() {
        String threads =
                device.isGpu()
                        ? ""
                        : ", " + ops.threads() + (ops.threads() == 1 ? " thread" : " threads");
        String where = device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
        String why = reason.isEmpty() ? "" : " (" + reason + ")";
        return engine.getEngineName() + " " + engine.getVersion() + " on " + where + threads + why;
    }

    /** Frees all arrays that came from this backend. The engine stays loaded. */
    @Override
    public void close() {
        manager.close();
        if (!closed.getAndSet(true)) {
            HostSettings.closed(engine.getEngineName());
        }
    }
}
