package io.residuum.emit.onnx.runtime;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.files.FileErrors;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.CaptureException;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions of onnxruntime for one graph.
 *
 * <p>A runtime fuses more if it knows the sizes of feature maps: MobileNetV3 takes a fifth less
 * time. So the first session is for images of the first size. Images of another size create a
 * second session for any size, which has its own copy of the weights.
 */
final class OnnxRuntimeProgram implements Program {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeProgram.class);

    private static final String FILE = "network.onnx";

    private final OnnxRuntimeTarget target;
    private final Map<String, Dims> inputs = new LinkedHashMap<>();
    private final List<String> outputs;
    private final Path folder;

    /** The sizes of images in the first call, by the names of open sizes; null before it. */
    private @Nullable Map<String, Long> first;

    private @Nullable OrtSession forFirst;
    private @Nullable OrtSession forAny;

    private OnnxRuntimeProgram(Graph graph, OnnxRuntimeTarget target, Path folder) {
        this.target = target;
        this.folder = folder;
        graph.inputs().forEach((name, node) -> inputs.put(name, node.shape()));
        outputs = graph.outputNames();
    }

    /**
     * Writes the file of the sessions. It lies in a folder of this user until the program closes:
     * the runtime may map its weights.
     */
    static OnnxRuntimeProgram of(
            Graph graph, Map<String, NDArray> weights, OnnxRuntimeTarget target) {
        // A session for images is created at the first call, too late to choose another runtime.
        requireDevice(target);
        Path folder;
        try {
            folder = Files.createTempDirectory("residuum-onnx");
        } catch (IOException e) {
            throw new CaptureException(
                    "onnxruntime needs a folder for temporary files: " + FileErrors.reason(e));
        }
        try {
            List<Path> files =
                    OnnxWriter.write(
                            graph,
                            path -> Values.floats(Objects.requireNonNull(weights.get(path), path)),
                            folder.resolve(FILE),
                            OnnxWriter.Options.standard().withQuantized(target.quantized()));
            // A process that is ended closes no program. Java deletes in reverse order.
            folder.toFile().deleteOnExit();
            files.forEach(file -> file.toFile().deleteOnExit());
            var program = new OnnxRuntimeProgram(graph, target, folder);
            if (program.inputs.values().stream().noneMatch(OnnxRuntimeProgram::isImage)) {
                program.session(Map.of());
            }
            return program;
        } catch (IOException | OrtException | IllegalArgumentException e) {
            delete(folder);
            throw new CaptureException("onnxruntime: " + e.getMessage());
        } catch (RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    static String version() {
        return Environment.SHARED.getVersion();
    }

    /** The environment of the process. */
    private static final class Environment {
        static final OrtEnvironment SHARED = create();

        private static OrtEnvironment create() {
            if (Engine.hasEngine("OnnxRuntime")) {
                // DJL's engine can only be created before the environment.
                Engine.getEngine("OnnxRuntime");
            }
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try {
                environment.setTelemetry(false);
            } catch (OrtException e) {
                LOG.debug("onnxruntime keeps its setting of telemetry", e);
            }
            return environment;
        }
    }

    private static boolean isImage(Dims shape) {
        return shape.sizes().stream().anyMatch(OnnxRuntimeProgram::isOfImages);
    }

    private static boolean isOfImages(DimExpr size) {
        return size.equals(DimExpr.of(SymbolicDim.HEIGHT))
                || size.equals(DimExpr.of(SymbolicDim.WIDTH));
    }

    /** Returns the open sizes of images that a call has. */
    private Map<String, Long> sizes(NDList arrays) {
        Map<String, Long> sizes = new TreeMap<>();
        int input = 0;
        for (Dims shape : inputs.values()) {
            Shape found = arrays.get(input++).getShape();
            for (int axis = 0; axis < shape.dimension(); axis++) {
                DimExpr size = shape.get(axis);
                if (isOfImages(size)) {
                    sizes.put(size.symbols().get(0).label(), found.get(axis));
                }
            }
        }
        return sizes;
    }

    /** Returns the session for images of some sizes. */
    private synchronized OrtSession session(Map<String, Long> sizes) throws OrtException {
        if (first == null) {
            first = Map.copyOf(sizes);
        }
        if (first.equals(sizes)) {
            forFirst = forFirst == null ? create(first) : forFirst;
            return forFirst;
        }
        forAny = forAny == null ? create(Map.of()) : forAny;
        return forAny;
    }

    private OrtSession create(Map<String, Long> sizes) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setIntraOpNumThreads(target.threads());
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            // By default a product with int8 weights also rounds its activations.
            options.addConfigEntry("session.qdq_matmulnbits_accuracy_level", "1");
            if (target.gpu() >= 0) {
                options.addCUDA(target.gpu());
            }
            for (Map.Entry<String, Long> size : sizes.entrySet()) {
                options.setSymbolicDimensionValue(size.getKey(), size.getValue());
            }
            return Environment.SHARED.createSession(folder.resolve(FILE).toString(), options);
        }
    }

    private static void requireDevice(OnnxRuntimeTarget target) {
        if (target.gpu() >= 0
                && !OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new CaptureException(
                    "onnxruntime has no CUDA here: use com.microsoft.onnxruntime:onnxruntime_gpu"
                            + " instead of onnxruntime");
        }
    }

    @Override
    public NDList run(NDList arrays) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            OrtSession session = session(sizes(arrays));
            int input = 0;
            for (String name : inputs.keySet()) {
                given.put(name, tensor(arrays.get(input++)));
            }
            NDManager manager = arrays.head().getManager();
            try (OrtSession.Result results = session.run(given)) {
                List<NDArray> found = new ArrayList<>();
                for (String output : outputs) {
                    found.add(array(manager, (OnnxTensor) results.get(output).orElseThrow()));
                }
                return new NDList(found);
            }
        } catch (OrtException e) {
            throw new EngineException("onnxruntime: " + e.getMessage(), e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(NDArray array) throws OrtException {
        ByteBuffer values = array.toByteBuffer(true);
        long[] shape = array.getShape().getShape();
        return OnnxTensor.createTensor(
                Environment.SHARED, values, shape, type(array.getDataType()));
    }

    private static OnnxJavaType type(DataType type) {
        return switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case BOOLEAN -> OnnxJavaType.BOOL;
            default -> throw new EngineException("onnxruntime reads no input of type " + type);
        };
    }

    private static NDArray array(NDManager manager, OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        Buffer values;
        DataType type;
        switch (info.type) {
            case FLOAT -> {
                values = tensor.getFloatBuffer();
                type = DataType.FLOAT32;
            }
            case DOUBLE -> {
                values = tensor.getDoubleBuffer();
                type = DataType.FLOAT64;
            }
            case INT32 -> {
                values = tensor.getIntBuffer();
                type = DataType.INT32;
            }
            case INT64 -> {
                values = tensor.getLongBuffer();
                type = DataType.INT64;
            }
            case BOOL -> {
                values = tensor.getByteBuffer();
                type = DataType.BOOLEAN;
            }
            default -> throw new EngineException("onnxruntime gives an output as " + info.type);
        }
        return Ops.of(manager).create(manager, values, new Shape(info.getShape()), type);
    }

    @Override
    public synchronized void close() {
        for (OrtSession session : Arrays.asList(forFirst, forAny)) {
            try {
                if (session != null) {
                    session.close();
                }
            } catch (OrtException e) {
                LOG.warn("onnxruntime did not close a session", e);
            }
        }
        delete(folder);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            LOG.warn("temporary files stay in {}: {}", folder, e.toString());
        }
    }
}
