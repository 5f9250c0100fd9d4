package io.residuum.emit.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.torch.ScriptArchive;
import io.residuum.files.AtomicFiles;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes networks as TorchScript files with their weights, for Python's {@code torch.jit.load}, for
 * C++ and for DJL's PyTorch engine. A file holds tensors and the source of {@code forward}, which
 * takes the network's inputs in order. Parameters keep their names.
 */
public final class TorchExport {

    private TorchExport() {}

    /** Writes a file without extra texts: see {@link #write(Graph, Map, List, Path, Map)}. */
    public static void write(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, Path file) {
        write(graph, weights, prepared, file, Map.of());
    }

    /**
     * Writes a file with extra texts, for instance class names.
     *
     * @param graph a graph captured for inference
     * @param weights an array of any engine for each of {@link Graph#weights}, by path
     * @param prepared an array for each {@link Leaf.Prepared}, by index
     * @param file the file, for instance {@code net.pt}; replaced atomically if it exists
     * @param extra texts by name, which Python's {@code torch.jit.load} returns for the names in
     *     {@code _extra_files}
     * @throws IllegalArgumentException if the graph draws random numbers, or an array is missing
     * @throws WeightsException if the file cannot be written; an existing file then stays unchanged
     */
    public static void write(
            Graph graph,
            Map<String, NDArray> weights,
            List<NDArray> prepared,
            Path file,
            Map<String, String> extra) {
        if (!graph.draws().isEmpty()) {
            throw new IllegalArgumentException(
                    "an exported graph must be captured for inference, but this one needs random"
                            + " numbers for each run: capture with training false");
        }
        Map<Node, String> paths = new IdentityHashMap<>();
        Map<String, Supplier<ByteBuffer>> contents = new LinkedHashMap<>();
        TorchModules modules = new TorchModules();
        for (Node node : graph.nodes()) {
            if (!(node.operation() instanceof Leaf leaf)) {
                continue;
            }
            String path = path(leaf, contents.size());
            if (path.isEmpty()) {
                continue;
            }
            paths.put(node, path);
            if (!contents.containsKey(path)) {
                modules.add(
                        path,
                        new TorchModules.Tensor(
                                contents.size(),
                                TorchTypes.storage(node.type()),
                                node.shape().fixed(),
                                isTrained(node)));
                contents.put(path, elements(node, leaf, weights, prepared));
            }
        }
        String first = TorchCode.arguments(graph).get(0);
        String forward =
                TorchCode.forward(
                        graph,
                        "ops.prim.device(" + first + ")",
                        node -> TorchModules.access(Objects.requireNonNull(paths.get(node))),
                        Fusion.NONE);
        String code = modules.code(forward);
        List<Supplier<ByteBuffer>> storages = new ArrayList<>(contents.values());
        try {
            AtomicFiles.write(file, out -> write(out, code, modules.data(), storages, extra));
        } catch (IOException e) {
            throw new WeightsException(Objects.toString(e.getMessage(), file.toString()), e);
        }
    }

    private static void write(
            OutputStream out,
            String code,
            byte[] data,
            List<Supplier<ByteBuffer>> storages,
            Map<String, String> extra)
            throws IOException {
        try (ScriptArchive archive = ScriptArchive.begin(out, code, data)) {
            for (Map.Entry<String, String> text : extra.entrySet()) {
                archive.addExtra(text.getKey(), text.getValue());
            }
            for (int i = 0; i < storages.size(); i++) {
                archive.addStorage(i, storages.get(i).get());
            }
        }
    }

    /** Returns the path of the tensor that holds a leaf; empty for leaves without one. */
    private static String path(Leaf leaf, int next) {
        return leaf.fold(
                input -> "",
                weight -> TorchModules.path(weight.path()),
                prepared -> "_prepared.p" + prepared.index(),
                drawn -> "",
                constant -> "_constants.c" + next,
                fill -> "");
    }

    /** Returns true for parameters; running statistics and other buffers are not trained. */
    private static boolean isTrained(Node node) {
        return node.operation() instanceof Leaf.Weight weight
                && node.type().isFloating()
                && !weight.path().matches(".*\\brunning_(mean|var)");
    }

    private static Supplier<ByteBuffer> elements(
            Node node, Leaf leaf, Map<String, NDArray> weights, List<NDArray> prepared) {
        return leaf.fold(
                input -> notHeld(leaf),
                weight -> stored(node, weights.get(weight.path())),
                value -> stored(node, prepared.get(value.index())),
                drawn -> notHeld(leaf),
                constant -> () -> constant(constant.values(), node.type()),
                fill -> notHeld(leaf));
    }

    private static Supplier<ByteBuffer> notHeld(Leaf leaf) {
        throw new IllegalArgumentException("no tensor of the file holds " + leaf);
    }

    private static Supplier<ByteBuffer> stored(Node node, @Nullable NDArray array) {
        Operation operation = node.operation();
        if (array == null) {
            throw new IllegalArgumentException(
                    "the weights must contain every array of the graph, found none for "
                            + operation);
        }
        if (!array.getShape().equals(node.shape().fixed())) {
            throw new IllegalArgumentException(
                    operation + " must be " + node.shape() + ", got " + array.getShape());
        }
        return () -> array.toByteBuffer(false);
    }

    private static ByteBuffer constant(double[] values, DataType type) {
        ByteBuffer out =
                ByteBuffer.allocate(values.length * type.getNumOfBytes())
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (type) {
                case FLOAT32 -> out.putFloat((float) value);
                case FLOAT64 -> out.putDouble(value);
                case INT32 -> out.putInt((int) value);
                case INT64 -> out.putLong((long) value);
                case UINT8, INT8, BOOLEAN -> out.put((byte) value);
                default ->
                        throw new IllegalArgumentException(
                                "constants must be float32, float64 or integers, got " + type);
            }
        }
        return out.flip();
    }
}
