package io.residuum.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * One engine on one device. All managers, parameter stores and gradients of the toolkit come from
 * here. Asking DJL for its default engine would load a second engine, which takes threads away from
 * the first.
 */
public final class Backend implements AutoCloseable {
    /** DJL would download an engine's libraries if it found none, and report its use. */
    private static final Map<String, String> OFFLINE = Map.of("ai.djl.offline", "true");

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
     * else concerns the whole process. Nothing is downloaded, unless the system property {@code
     * ai.djl.offline} is {@code false}.
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
        if (engine != EngineChoice.MXNET
                && nvidiaDriverPresent()
                && onClassPath(EngineChoice.PYTORCH)) {
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
            boolean natives = EngineChoice.MXNET.hasNatives();
            boolean only = !onClassPath(EngineChoice.MXNET) && onClassPath(EngineChoice.PYTORCH);
            engine = natives && !only ? EngineChoice.MXNET : EngineChoice.PYTORCH;
            if (!natives) {
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
        if (choice == EngineChoice.MXNET && !choice.hasNatives()) {
            throw new BackendException(
                    "MXNet has no natives for " + platform() + ": use --engine pytorch");
        }
        try (HostSettings.Scope offline = HostSettings.properties(OFFLINE)) {
            return HostSettings.whileLoading(choice, () -> loaded(choice));
        } catch (BackendException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw new BackendException(
                    "engine %s cannot be loaded: %s. %s; engines found: %s"
                            .formatted(choice.engineName(), firstLine(e), fix(choice), engines()),
                    e);
        }
    }

    private static Engine loaded(EngineChoice choice) {
        Engine engine = Engine.getEngine(choice.engineName());
        if (choice == EngineChoice.PYTORCH) {
            OneDnn.checkOnce(engine);
        }
        return engine;
    }

    private static String fix(EngineChoice choice) {
        if (!choice.hasNatives()) {
            return "No natives are published for %s: use --engine mxnet, or set PYTORCH_LIBRARY_PATH"
                    .formatted(platform());
        }
        String version = Backend.class.getPackage().getImplementationVersion();
        return "Add %s%s to the class path: it brings the engine and its natives for %s, which are not downloaded at run time"
                .formatted(
                        choice.artifact(),
                        version == null ? ", in the version of residual-core," : ":" + version,
                        platform());
    }

    private static String engines() {
        List<String> found =
                Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                        .filter(Backend::onClassPath)
                        .map(EngineChoice::engineName)
                        .toList();
        return found.isEmpty() ? "none" : String.join(", ", found);
    }

    private static boolean onClassPath(EngineChoice choice) {
        try (HostSettings.Scope offline = HostSettings.properties(OFFLINE)) {
            return Engine.hasEngine(choice.engineName());
        }
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
        if (closed.get()) {
            throw new IllegalStateException("the backend is closed: open it again");
        }
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
