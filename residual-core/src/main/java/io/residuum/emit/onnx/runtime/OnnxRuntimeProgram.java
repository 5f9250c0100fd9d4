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
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.trace.CaptureException;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session of onnxruntime for one graph. */
final class OnnxRuntimeProgram implements Program {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeProgram.class);

    private final OrtSession session;
    private final List<String> inputs;
    private final List<String> outputs;
    private final Path folder;

    private OnnxRuntimeProgram(
            OrtSession session, List<String> inputs, List<String> outputs, Path folder) {
        this.session = session;
        this.inputs = inputs;
        this.outputs = outputs;
        this.folder = folder;
    }

    /**
     * Creates a session from a file, which lies in a folder of this user until the program closes:
     * the runtime may map its weights.
     */
    static OnnxRuntimeProgram of(
            Graph graph, Map<String, NDArray> weights, OnnxRuntimeTarget target) {
        Path folder;
        try {
            folder = Files.createTempDirectory("residuum-onnx");
        } catch (IOException e) {
            throw new CaptureException("onnxruntime needs a folder for temporary files: " + e);
        }
        try (OrtSession.SessionOptions options = options(target)) {
            Path file = folder.resolve("network.onnx");
            OnnxWriter.write(
                    graph,
                    path -> Values.floats(Objects.requireNonNull(weights.get(path), path)),
                    file,
                    OnnxWriter.Options.standard().withQuantized(target.quantized()));
            OrtSession session = Environment.SHARED.createSession(file.toString(), options);
            List<String> inputs = List.copyOf(graph.inputs().keySet());
            return new OnnxRuntimeProgram(session, inputs, graph.outputNames(), folder);
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

    private static OrtSession.SessionOptions options(OnnxRuntimeTarget target) throws OrtException {
        boolean gpu = target.gpu() >= 0;
        if (gpu && !OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new CaptureException(
                    "onnxruntime has no CUDA here: use com.microsoft.onnxruntime:onnxruntime_gpu"
                            + " instead of onnxruntime");
        }
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        options.setIntraOpNumThreads(target.threads());
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        if (gpu) {
            options.addCUDA(target.gpu());
        }
        return options;
    }

    @Override
    public NDList run(NDList arrays) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                given.put(inputs.get(i), tensor(arrays.get(i)));
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
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            LOG.warn("onnxruntime did not close a session", e);
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
