package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.residuum.engine.Values;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.nn.SeededInitializer;
import io.residuum.nn.trait.Reseedable;
import io.residuum.spec.Check;
import io.residuum.spec.Glob;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.weights.WeightsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A spec, the block built from it, and the block's parameters and buffers by path.
 *
 * @param spec the network
 * @param block the layers
 * @param parameters parameters and buffers in the order of computation
 */
record BuiltNetwork(ModelSpec spec, Layer block, Map<String, Parameter> parameters) {

    static BuiltNetwork of(ModelSpec spec) {
        Layer block = spec.newBlock();
        return new BuiltNetwork(spec, block, block.namedParameters());
    }

    /** Sets initializers that read the values of a file when the network is initialized. */
    void preset(Map<String, Supplier<float[]>> values) {
        values.forEach((path, v) -> parameter(path).setInitializer(initializer(path, v)));
    }

    /** Initializes all parameters. Those without given values are drawn from the seed. */
    void initialize(NDManager manager, DataType type, long seed) {
        parameters.forEach(
                (path, p) -> {
                    if (p.getInitializer() instanceof SeededInitializer init) {
                        p.setInitializer(init.withSeed(mix(seed, path)));
                    }
                });
        block.initialize(manager, type, block.inputShape());
        reseed(seed);
    }

    void reseed(long seed) {
        block.walk(
                (path, layer) -> {
                    if (layer instanceof Reseedable draws) {
                        draws.reseed(mix(seed, path));
                        draws.reseedShared(seed);
                    }
                });
    }

    /** Replaces the values of some parameters of an initialized network. */
    void replace(NDManager manager, Map<String, Supplier<float[]>> values) {
        values.forEach(
                (path, v) -> {
                    Parameter p = parameter(path);
                    DataType type = p.getArray().getDataType();
                    p.close();
                    p.setInitializer(initializer(path, v));
                    p.initialize(manager, type);
                });
    }

    /**
     * Moves the arrays of another network's parameters with the same path and shape here, before
     * this network is initialized.
     *
     * @return the parameters of the other network that were not moved, to be closed
     */
    List<Parameter> take(BuiltNetwork other, Predicate<String> wanted) {
        List<Parameter> left = new ArrayList<>();
        other.parameters.forEach(
                (path, theirs) -> {
                    Parameter ours = parameters.get(path);
                    if (ours == null || !wanted.test(path) || !sameShape(ours, theirs)) {
                        left.add(theirs);
                        return;
                    }
                    ours.setInitializer((manager, shape, type) -> theirs.getArray());
                    ours.freeze(!theirs.requiresGradient());
                });
        return left;
    }

    /**
     * Checks that this network can {@link #take} at least one parameter of another.
     *
     * @throws SpecException if it cannot
     */
    void requireShared(BuiltNetwork other) {
        Check.that(
                parameters.entrySet().stream()
                        .anyMatch(e -> sameShape(e.getValue(), other.parameters.get(e.getKey()))),
                "%s must share parameters with %s, but none has the same path and shape",
                spec.name(),
                other.spec.name());
    }

    private static boolean sameShape(Parameter p, @Nullable Parameter other) {
        return other != null && other.getShape().equals(p.getShape());
    }

    /**
     * Requires that nothing drops an output or a head.
     *
     * @param use what reads one output
     * @throws SpecException if the network has several outputs or heads
     */
    void requireOneHead(String use) {
        require(use, OneOutput::require);
    }

    /** Requires that the network has no head that is not an output. */
    void requireNoUnreadHead(String use) {
        require(use, OneOutput::requireNoUnreadHead);
    }

    private void require(String use, BiConsumer<Layer, String> check) {
        try {
            check.accept(block, use);
        } catch (IllegalArgumentException e) {
            throw new SpecException(spec.name() + ": " + e.getMessage(), e);
        }
    }

    /** Returns the path of the head, the last layer with parameters, ending in a dot. */
    String headPrefix() {
        String last = "";
        // Low-rank branches are parts of their layers.
        ModelSpec plain = spec.withAdapters(List.of());
        for (String path : plain.newBlock().namedParameters().keySet()) {
            last = path;
        }
        return last.substring(0, last.lastIndexOf('.') + 1);
    }

    /** Returns the type of an initialized network's parameters; float32 if there are none. */
    DataType type() {
        return parameters.values().stream()
                .findFirst()
                .map(p -> p.getArray().getDataType())
                .orElse(DataType.FLOAT32);
    }

    Map<String, Parameter> parameters(Predicate<Parameter> wanted) {
        Map<String, Parameter> some = new LinkedHashMap<>(parameters);
        some.values().removeIf(wanted.negate());
        return some;
    }

    Map<String, Parameter> parameters(String pattern) {
        Glob glob = new Glob(pattern);
        Map<String, Parameter> matching = parameters(p -> !Cost.isBuffer(p));
        matching.keySet().removeIf(glob.negate());
        Check.that(
                !matching.isEmpty(),
                "the pattern must match a parameter, got \"%s\": use paths like %s",
                pattern,
                parameters.keySet().stream().limit(3).toList());
        return matching;
    }

    NDArray array(String path) {
        return parameter(path).getArray();
    }

    private Parameter parameter(String path) {
        Parameter parameter = parameters.get(path);
        if (parameter == null) {
            throw new WeightsException(
                    "the network must have the parameter " + path + ", found none");
        }
        return parameter;
    }

    private static Initializer initializer(String path, Supplier<float[]> values) {
        return (manager, shape, type) -> {
            float[] read = values.get();
            if (read.length != shape.size()) {
                throw new WeightsException(
                        "%s must have %d values, found %d"
                                .formatted(path, shape.size(), read.length));
            }
            return Values.create(manager, read, shape, type);
        };
    }

    private static long mix(long seed, String path) {
        return random(seed, path).nextLong();
    }

    /** Returns random numbers that depend on a seed and a path alone. */
    static SplittableRandom random(long seed, String path) {
        long hash = seed;
        for (int i = 0; i < path.length(); i++) {
            hash = 31 * hash + path.charAt(i);
        }
        return new SplittableRandom(hash);
    }
}
