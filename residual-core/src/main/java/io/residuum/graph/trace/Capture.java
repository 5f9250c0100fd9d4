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
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
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
 * Captures a network as a graph by running its forward pass on arrays that record operations
 * instead of computing them. This loads no engine and reads no parameter values, so that it works
 * for layers of any size, including your own.
 */
public final class Capture {
    /** The name of a network's first input. */
    public static final String DATA = "data";

    private final Layer network;
    private final Map<Layer, String> paths = new IdentityHashMap<>();
    private final Map<String, String> descriptions = new LinkedHashMap<>();
    private final Map<Parameter, String> parameters = new IdentityHashMap<>();
    private final Deque<Layer> running = new ArrayDeque<>();

    /** Creates a capture, which makes one graph. */
    Capture(Layer network) {
        try {
            OneOutput.requireNoUnreadHead(network, "a graph");
        } catch (IllegalArgumentException e) {
            throw new CaptureException(String.valueOf(e.getMessage()));
        }
        this.network = network;
        network.walk(
                (path, layer) -> {
                    paths.put(layer, path);
                    descriptions.put(path, layer.describe());
                });
        network.namedParameters().forEach((path, p) -> parameters.put(p, path));
    }

    /**
     * An input of the network to capture.
     *
     * @param name the name, {@link #DATA} for the first input
     * @param shape the shape, with symbols for open sizes
     * @param type the element type
     * @param builtFor the shape the network is built for, which bounds open lengths; null for the
     *     network's {@code inputShape()}
     */
    public record Source(String name, Dims shape, DataType type, @Nullable Dims builtFor) {

        /**
         * Creates an input of a network built for its {@code inputShape()}.
         *
         * @param shape the shape, with -1 for an open batch, image height, image width or sequence
         *     length
         * @param type the element type
         * @throws IllegalArgumentException if another size is -1
         */
        public Source(String name, Shape shape, DataType type) {
            this(name, named(shape), type, null);
        }

        /** Creates an input of a network built for its {@code inputShape()}. */
        public Source(String name, Dims shape, DataType type) {
            this(name, shape, type, null);
        }

        /** {@return the shape with each -1 replaced by the symbol of its axis} */
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
                    "only the batch, the height and width of images (N, C, H, W) and the length of"
                            + " sequences (N, L) or (N, L, C) may be -1 in an input, got "
                            + shape);
        }
    }

    /**
     * Captures the forward pass of a network.
     *
     * <p>A size of -1 is dynamic: the batch in {@code (-1, 3, 224, 224)}, the size of images in
     * {@code (-1, 3, -1, -1)}, the length of sequences in {@code (-1, -1)}. The network must
     * compute the same operations at every size. To check this, it is captured at several sizes,
     * and the graphs are compared. Constants that depend on the length, such as masks and position
     * tables, must be prefixes of a longest one. The graph holds them for the length of the
     * network's input shape, which sequences must not exceed.
     *
     * @param network a complete network
     * @param inputs the first input, then the side inputs
     * @param training true for the operations of training, such as dropout
     * @return the graph, with the outputs of the network
     * @throws CaptureException if a layer uses an operation that cannot be captured, or computes
     *     something different for each value of a dynamic size
     */
    public static Graph of(Layer network, List<Source> inputs, boolean training) {
        return DynamicCapture.of(network, inputs, training, false);
    }

    /**
     * Captures the first pass over sequences with an empty cache. The first output is the last
     * position's, the others are the arrays for the cache, in the order of {@link
     * io.residuum.nn.ArrayCache#slots}.
     *
     * @param network a complete network with one output
     * @param inputs as in {@link #of}
     * @throws CaptureException as in {@link #of}
     */
    public static Graph ofPrompt(Layer network, List<Source> inputs) {
        return DynamicCapture.of(network, inputs, false, true);
    }

    /**
     * Captures inputs whose sizes, except the batch, are numbers.
     *
     * @param cache takes rows, which are further outputs; null for a pass without a cache
     */
    Graph graph(List<Source> inputs, boolean training, @Nullable TracedRows cache) {
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
                        .withHook(new LayerAttribution(recorder))
                        .withCache(cache)
                        .withLastPositionOnly(
                                cache instanceof TracedPrompt ? Chain.head(network) : null);
        NDList results;
        try {
            results = network.forward(pass, new NDList(arrays.head()));
        } catch (UnsupportedOperationException e) {
            throw refused(e);
        }
        recorder.assignLayer("");
        List<Node> outputs = new ArrayList<>();
        results.forEach(result -> outputs.add(TracedArray.of(result).node()));
        List<String> names = new ArrayList<>(network.outputNames());
        if (cache != null) {
            cache.appended().forEach(row -> names.add("appended" + names.size()));
            outputs.addAll(cache.appended());
        }
        return Graph.of(outputs, names, recorder.draws(), descriptions);
    }

    /** {@return the layer that is computing, or has failed} */
    String currentLayer() {
        Layer layer = running.peek();
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
                "capturing needs the NDArray operations of io.residuum.graph.Operation, but "
                        + currentLayer()
                        + " uses "
                        + what
                        + "; rewrite the layer with those operations, or run without compiling");
    }

    /** Gives each node the path of the innermost layer that computed it. */
    private final class LayerAttribution implements ForwardHook {
        private final TracingManager recorder;

        LayerAttribution(TracingManager recorder) {
            this.recorder = recorder;
        }

        @Override
        public void before(Layer layer, NDList inputs) {
            // Operations recorded since the last layer began belong to the parent.
            Layer parent = running.peek();
            recorder.assignLayer(parent == null ? "" : path(parent));
            running.push(layer);
        }

        @Override
        public void after(Layer layer, NDList outputs) {
            recorder.assignLayer(path(layer));
            running.pop();
        }

        @Override
        public boolean needsUnusedOutputs() {
            return false;
        }

        /** {@return the layer's path, or its nearest registered ancestor's if it has none} */
        private String path(Layer layer) {
            String path = paths.get(layer);
            if (path != null) {
                return path;
            }
            for (Layer above : running) {
                if (paths.containsKey(above)) {
                    return paths.get(above);
                }
            }
            return "";
        }
    }

    /** Returns traced arrays for parameters. */
    private final class Weights extends ParameterStore {
        private final TracingManager recorder;
        private final DataType type;
        private final Map<Parameter, TracedArray> traced = new IdentityHashMap<>();

        Weights(TracingManager recorder, DataType type) {
            super(recorder, false);
            this.recorder = recorder;
            this.type = type;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            return traced.computeIfAbsent(
                    parameter,
                    p -> {
                        String path = parameters.get(p);
                        if (path == null) {
                            throw new UnsupportedOperationException(
                                    "the parameter "
                                            + p.getName()
                                            + ", which is not registered with a layer");
                        }
                        BatchProbe.requireNone(path, p.getShape());
                        return recorder.leaf(new Leaf.Weight(path), p.getShape(), type);
                    });
        }
    }
}
