package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.HasConstants.Constant;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Exports a network's weights under the names of another library. */
public final class Export {
    private record Tensor(
            List<String> paths, long[] shape, boolean integers, Supplier<float[]> values) {
        void write(SafetensorsWriter writer, String name) {
            if (integers) {
                writer.addLongs(
                        name,
                        TensorType.I64,
                        shape,
                        () -> Longs.toArray(Floats.asList(values.get())));
            } else {
                writer.add(name, TensorType.F32, shape, values);
            }
        }
    }

    private final RuleTable table;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private Set<String> owners = Set.of();

    private Export(Dialect dialect) {
        this.table = new RuleTable(dialect);
    }

    /**
     * {@return a writer of a network's weights as float32}
     *
     * @param dialect the names to use
     * @param network the network's block
     * @param values returns the values of the parameter at a path in row-major order; called during
     *     writing
     * @throws WeightsException if the dialect has no name for a parameter
     */
    public static SafetensorsWriter of(
            Dialect dialect, Layer network, Function<String, float[]> values) {
        return Objects.requireNonNull(split(dialect, network, values, Set.of()).get(""));
    }

    /**
     * Creates a writer for each file of a library that stores some layers in files of their own.
     *
     * @param dialect the names to use
     * @param network the network's block
     * @param values as for {@link #of}
     * @param beginnings beginnings of names: a file has all tensors with one of them, named by the
     *     rest
     * @return the writers by the beginning, which is empty for all other tensors
     * @throws WeightsException if the dialect has no name for a parameter
     */
    public static Map<String, SafetensorsWriter> split(
            Dialect dialect,
            Layer network,
            Function<String, float[]> values,
            Set<String> beginnings) {
        Export export = new Export(dialect);
        export.collect(network, network.namedParameters().keySet(), values);
        Map<String, SafetensorsWriter> writers = new LinkedHashMap<>();
        writers.put("", empty());
        export.named()
                .forEach(
                        (name, tensor) -> {
                            String beginning =
                                    beginnings.stream()
                                            .filter(name::startsWith)
                                            .findFirst()
                                            .orElse("");
                            tensor.write(
                                    writers.computeIfAbsent(beginning, key -> empty()),
                                    name.substring(beginning.length()));
                        });
        return writers;
    }

    private static SafetensorsWriter empty() {
        // Transformers refuses files without this entry.
        return new SafetensorsWriter().metadata("format", "pt");
    }

    /**
     * Adds some of a network's weights to a file, as float32.
     *
     * @param writer the writer of the file
     * @param named returns the name in the file for a name of the dialect
     * @param dialect the names to use
     * @param network the network's block
     * @param paths the paths of the parameters
     * @param values as in {@link #of}
     * @return the dialect's names of the tensors
     * @throws WeightsException if the dialect has no name for one of the parameters
     */
    public static List<String> add(
            SafetensorsWriter writer,
            UnaryOperator<String> named,
            Dialect dialect,
            Layer network,
            Set<String> paths,
            Function<String, float[]> values) {
        Export export = new Export(dialect);
        export.collect(network, paths, values);
        List<String> names = new ArrayList<>();
        export.named()
                .forEach(
                        (name, tensor) -> {
                            if (tensor.paths().stream().anyMatch(paths::contains)) {
                                names.add(name);
                                tensor.write(writer, named.apply(name));
                            }
                        });
        return names;
    }

    private void collect(Layer network, Set<String> paths, Function<String, float[]> values) {
        Map<String, Parameter> parameters = network.namedParameters();
        network.walk(layers::put);
        owners = RuleTable.owners(layers.keySet(), parameters.keySet());
        Map<String, Constant> constants = TensorRows.constants(network);
        Map<String, TensorLink> links =
                table.links(parameters.keySet(), constants.keySet(), Set.of(), Set.of());
        List<String> without = paths.stream().filter(path -> !links.containsKey(path)).toList();
        if (!without.isEmpty()) {
            throw new WeightsException(
                    "the dialect %s must have names for all parameters, found none for %d of %d,"
                                    .formatted(
                                            table.dialect().title(), without.size(), paths.size())
                            + " first for "
                            + without.get(0));
        }
        Map<String, Shape> shapes = TensorRows.shapes(parameters, constants);
        Set<TensorLink> all = new LinkedHashSet<>(links.values());
        all.addAll(table.linksOfConstants(constants.keySet()));
        for (TensorLink link : all) {
            Constant first = constants.get(link.ours().get(0));
            add(
                    TensorRows.of(link, shapes, layers),
                    first != null && first.integers(),
                    path -> {
                        Constant constant = constants.get(path);
                        return constant == null ? values.apply(path) : constant.values().get();
                    });
        }
    }

    private void add(TensorRows parts, boolean integers, Function<String, float[]> values) {
        TensorLink link = parts.link();
        for (int i = 0; i < link.theirs().size(); i++) {
            int their = i;
            Shape shape = parts.theirShape(i);
            if (shape == null) {
                throw new WeightsException(
                        "%s must have the axes of \"%s\", found shape %s"
                                .formatted(
                                        link.ours().get(0),
                                        link.rule().rearrange(),
                                        parts.ours().get(0)));
            }
            Supplier<float[]> part =
                    () -> parts.toTheirs(their, link.ours().stream().map(values).toList());
            String name = link.theirs().get(i);
            Tensor written = tensors.get(name);
            tensors.put(
                    name,
                    new Tensor(
                            link.ours(),
                            shape.getShape(),
                            integers,
                            written == null
                                    ? part
                                    : () ->
                                            requireEqual(
                                                    written.values().get(), part.get(), link)));
        }
    }

    /** Requires equal values, where several of our parameters are one tensor of theirs. */
    private static float[] requireEqual(float[] values, float[] others, TensorLink link) {
        if (!Arrays.equals(values, others)) {
            throw new WeightsException(
                    "%s must have the values of the other parameters that are written as %s, found others: untie the names in the dialect"
                            .formatted(link.ours(), link.theirs()));
        }
        return values;
    }

    /** Returns all tensors by the names of the other library. */
    private Map<String, Tensor> named() {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        tensors.forEach(
                (name, tensor) ->
                        table.copiesOf(name, owners, tensors.keySet())
                                .forEach(copy -> all.putIfAbsent(copy, tensor)));
        // The names of all tensors decide on the prefix of the dialect.
        Map<String, String> written = table.withPrefix(all.keySet());
        Map<String, Tensor> named = new LinkedHashMap<>();
        all.forEach((name, tensor) -> named.put(written.getOrDefault(name, name), tensor));
        return named;
    }
}
