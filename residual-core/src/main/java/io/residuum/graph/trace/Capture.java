package io.residuum.graph.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.SymbolicDim;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Captures a network by running its forward pass on arrays that record instead of compute. No
 * engine is loaded and no parameter is needed, so that any layer of any size is captured, a user's
 * own among them.
 */
public final class Capture {
    /** The name of a network's first input. */
    public static final String DATA = "data";

    private final Layer network;
    private final Map<Layer, String> paths = new IdentityHashMap<>();
    private final Map<String, String> described = new LinkedHashMap<>();
    private final Map<Parameter, String> parameters = new IdentityHashMap<>();
    private final Deque<Layer> under = new ArrayDeque<>();

    /** Prepares; one capture makes one graph. */
    Capture(Layer network) {
        this.network = network;
        network.walk(
                (path, layer) -> {
                    paths.put(layer, path);
                    described.put(path, layer.describe());
                });
        network.namedParameters().forEach((path, p) -> parameters.put(p, path));
    }

    /**
     * An input of the network to be captured.
     *
     * @param name its name; that of the first is {@link #DATA}
     * @param shape its shape
     * @param type its type
     * @param made a shape that the network was made for, where sizes are open: no sequence may be
     *     longer; null for the network's own input shape
     */
    public record Source(String name, Dims shape, DataType type, @Nullable Dims made) {

        /**
         * An input of fixed size, or open around the shape that the network was made for.
         *
         * @param name its name
         * @param shape its shape; -1 for the batch, the height and width of images and the length
         *     of sequences
         * @param type its type
         * @throws IllegalArgumentException if another size is -1
         */
        public Source(String name, Shape shape, DataType type) {
            this(name, named(shape), type, null);
        }

        /** An input whose open sizes, if any, are around the network's own input shape. */
        public Source(String name, Dims shape, DataType type) {
            this(name, shape, type, null);
        }

        /** Returns a shape with a symbol for each -1, by its axis. */
        static Dims named(Shape shape) {
            List<DimExpr> sizes = new ArrayList<>();
            for (int axis = 0; axis < shape.dimension(); axis++) {
                long size = shape.get(axis);
                sizes.add(size == -1 ? DimExpr.of(symbol(axis, shape)) : DimExpr.of(size));
            }
            return new Dims(sizes);
        }

        private static SymbolicDim symbol(int axis, Shape shape) {
            boolean image = shape.dimension() == 4;
            return switch (axis) {
                case 0 -> SymbolicDim.BATCH;
                case 1 -> image ? refused(shape) : SymbolicDim.LENGTH;
                case 2 -> image ? SymbolicDim.HEIGHT : refused(shape);
                case 3 -> image ? SymbolicDim.WIDTH : refused(shape);
                default -> refused(shape);
            };
        }

        private static SymbolicDim refused(Shape shape) {
            throw new IllegalArgumentException(
                    "what is free in an input must be its batch, the height and width of images"
                            + " (N, C, H, W) or the length of sequences (N, L) or (N, L, C), got "
                            + shape);
        }
    }

    /**
     * Captures what a network computes.
     *
     * <p>The batch is free where it is -1, {@code (-1, 3, 224, 224)}. So is the size of images,
     * {@code (-1, 3, -1, -1)}, and the length of sequences, {@code (-1, -1)}, if the network
     * computes the same operations at any: it is captured at several sizes, which are compared.
     * What it makes of a length alone, as masks and tables of positions are, must begin alike at
     * all lengths; the graph holds it for the length of the network's input shape, which sequences
     * must not exceed.
     *
     * @param network a complete network
     * @param inputs its first input, then the riders that will be given
     * @param training whether it computes as in training
     * @return its graph, with one output
     * @throws CaptureException if a layer uses an operation that cannot be captured, or needs a
     *     certain size where it is to be free
     */
    public static Graph of(Layer network, List<Source> inputs, boolean training) {
        return DynamicCapture.of(network, inputs, training);
    }

    /** Captures with sizes that are numbers, but for the batch. */
    Graph graph(List<Source> inputs, boolean training) {
        return graph(inputs, training, null);
    }

    /** Captures what follows a past, with outputs for what is to be appended to it. */
    Graph graph(List<Source> inputs, boolean training, @Nullable TracedCache past) {
        TracingManager recorder = new TracingManager();
        NDList arrays = new NDList();
        for (Source source : inputs) {
            Shape shape = source.shape().at(BatchProbe.SIZE);
            TracedArray array = recorder.leaf(new Leaf.Input(source.name()), shape, source.type());
            array.setName(source.name());
            arrays.add(array);
        }
        DataType type = inputs.get(0).type();
        DataType computed = type.isFloating() ? type : DataType.FLOAT32;
        Weights weights = new Weights(recorder, computed);
        ForwardPass pass =
                ForwardPass.of(weights, arrays, training)
                        .withHook(new Placing(recorder))
                        .withCache(past);
        NDArray output;
        try {
            output = network.forward(pass, arrays.head());
        } catch (UnsupportedOperationException e) {
            throw refused(e);
        }
        recorder.place("");
        List<Node> outputs = new ArrayList<>();
        outputs.add(TracedArray.of(output).node());
        if (past != null) {
            outputs.addAll(past.appended());
        }
        return Graph.of(outputs, recorder.draws(), described);
    }

    /** The layer that computes, or has failed to. */
    String who() {
        Layer layer = under.peek();
        String where = layer == null ? "" : Objects.requireNonNullElse(paths.get(layer), "");
        return layer == null
                ? "the network"
                : layer.describe() + (where.isEmpty() ? "" : " at " + where);
    }

    private CaptureException refused(UnsupportedOperationException e) {
        String what = e.getMessage();
        for (StackTraceElement frame : e.getStackTrace()) {
            if (frame.getClassName().equals(NDArrayAdapter.class.getName())
                    && !frame.getMethodName().startsWith("getAlternative")) {
                what = frame.getMethodName();
                break;
            }
        }
        return new CaptureException(
                "a graph is captured from operations it knows, but "
                        + who()
                        + " uses "
                        + what
                        + ": compute with the operations that NDArray shares with"
                        + " io.residuum.graph.Operation, or run without compiling");
    }

    /** Gives each node the path of the innermost layer that computed it. */
    private final class Placing implements ForwardHook {
        private final TracingManager recorder;

        Placing(TracingManager recorder) {
            this.recorder = recorder;
        }

        @Override
        public void before(Layer layer) {
            // What is there already is the parent's.
            Layer parent = under.peek();
            recorder.place(parent == null ? "" : path(parent));
            under.push(layer);
        }

        @Override
        public void after(Layer layer, NDArray output) {
            recorder.place(path(layer));
            under.pop();
        }

        @Override
        public boolean needsUnusedOutputs() {
            return false;
        }

        /** A layer that its parent has not registered computes in its parent's name. */
        private String path(Layer layer) {
            String path = paths.get(layer);
            if (path != null) {
                return path;
            }
            for (Layer above : under) {
                if (paths.containsKey(above)) {
                    return paths.get(above);
                }
            }
            return "";
        }
    }

    /** Hands out recorded parameters. */
    private final class Weights extends ParameterStore {
        private final TracingManager recorder;
        private final DataType type;
        private final Map<Parameter, TracedArray> given = new IdentityHashMap<>();

        Weights(TracingManager recorder, DataType type) {
            super(recorder, false);
            this.recorder = recorder;
            this.type = type;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            return given.computeIfAbsent(
                    parameter,
                    p -> {
                        String path = parameters.get(p);
                        if (path == null) {
                            throw new UnsupportedOperationException(
                                    "the parameter "
                                            + p.getName()
                                            + ", which is not registered with a layer");
                        }
                        return recorder.leaf(new Leaf.Weight(path), p.getShape(), type);
                    });
        }
    }
}
