package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.emit.Quantization;
import io.residuum.engine.Values;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.nn.PReluBlock;
import io.residuum.nn.composite.ParallelBlock;
import io.residuum.nn.composite.SqueezeExcitationBlock;
import io.residuum.nn.trait.EndsInScale;
import io.residuum.residual.ResidualBlock;
import io.residuum.residual.stream.AverageBlock;
import io.residuum.residual.stream.SaveBlock;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Adds units to a trained network, so that it can be trained further with more depth or width.
 * {@link #deepen} inserts them as the identity, or as copies of other units; {@link #widen} adds
 * hidden units.
 */
public final class Growth {
    private static final int SAMPLES = 2;

    private final Network network;
    private final Layer before;
    private final Map<String, Integer> added;

    /** The first weights of added units. */
    public enum Method {
        /**
         * The last parameters of each branch are 0, as in zero-init residual units (Goyal et al.
         * 2017, arXiv:1706.02677, Section 5.1). No output changes by a bit.
         */
        IDENTITY,
        /**
         * Copies of the last units of the part (Gong et al. 2019, "Efficient Training of BERT by
         * Progressively Stacking"). Outputs change.
         */
        STACK
    }

    private Growth(Network network, Map<String, Integer> added) {
        this.network = network;
        this.before = network.block();
        this.added = new LinkedHashMap<>(added);
    }

    /**
     * Adds units to the ends of parts of a network.
     *
     * @param network a network without adapters, which stays as it was if this fails
     * @param added the number of units to add by the path of the part, such as {@code stage2} or
     *     {@code blocks}
     * @param method the first weights of the units
     * @param seed the seed of their random weights
     * @throws SpecException if a part has no units, or {@link Method#IDENTITY} would change an
     *     output
     */
    public static void deepen(
            Network network, Map<String, Integer> added, Method method, long seed) {
        ModelSpec spec = network.spec();
        requireNoAdapters(spec);
        ModelSpec deeper = spec;
        for (Map.Entry<String, Integer> part : added.entrySet()) {
            Check.positive("the number of units of " + part.getKey(), part.getValue());
            deeper = deeper.withNetwork(deeper.network().deepened(part.getKey(), part.getValue()));
        }
        ModelSpec grown = deeper;
        // A prediction of another thread must not meet units that are no identity yet.
        network.lock.change(() -> new Growth(network, added).grow(grown, method, seed));
    }

    /**
     * Adds hidden units to layers of a network: Net2WiderNet (Chen et al. 2016, arXiv:1511.05641,
     * Section 2.2). Added units are copies of the others, in turn, and the layers that read them
     * share their weights among the copies at random, so that the copies learn different things.
     * Outputs stay the same up to rounding. The spec gets plain layers instead of families.
     *
     * @param network a network without adapters, which stays as it was if this fails
     * @param widths the new numbers of outputs, or of hidden units of feed-forward networks, by a
     *     pattern of the paths of layers, such as {@code blocks.*.mlp.branch}
     * @param seed the seed of the shares
     * @throws SpecException if a pattern matches no layer, a layer has no hidden units, or an
     *     output would change
     */
    public static void widen(Network network, Map<String, Integer> widths, long seed) {
        requireNoAdapters(network.spec());
        widths.forEach((pattern, width) -> Check.positive("the width of " + pattern, width));
        network.lock.change(() -> new Widening(network, seed).widen(widths));
    }

    private static void requireNoAdapters(ModelSpec spec) {
        Check.that(
                spec.adapters().isEmpty(),
                "a network that grows must have no adapters, found %s: merge them first",
                spec.adapters().size());
    }

    private void grow(ModelSpec deeper, Method method, long seed) {
        requireAllParameters(deeper.newBlock());
        ModelSpec spec = network.spec();
        ModelMetadata metadata = network.metadata();
        try (NDManager manager = network.backend().newManager()) {
            NDList probe = probe(network, manager);
            List<float[]> outputs = outputs(network, probe);
            network.adaptTo(deeper, seed);
            network.setMetadata(metadata.with(Quantization.NONE));
            try {
                network.loadValues(method == Method.STACK ? stacked() : zeros());
                if (method == Method.IDENTITY) {
                    requireIdentity(probe, outputs);
                }
            } catch (RuntimeException e) {
                network.adaptTo(spec, seed);
                network.setMetadata(metadata);
                throw e;
            }
        }
    }

    private void requireAllParameters(Layer deeper) {
        Map<String, Parameter> after = deeper.namedParameters();
        before.namedParameters()
                .forEach(
                        (path, p) -> {
                            Parameter kept = after.get(path);
                            Check.that(
                                    kept != null && kept.getShape().equals(p.getShape()),
                                    "%s must keep its shape %s when units are added, found %s",
                                    path,
                                    p.getShape(),
                                    kept == null ? "none" : kept.getShape());
                        });
    }

    /** Returns the paths of the added units. */
    private List<String> units() {
        List<String> units = new ArrayList<>();
        for (String part : added.keySet()) {
            Map<String, Layer> old = at(before, part).children();
            for (String name : at(network.block(), part).children().keySet()) {
                if (!old.containsKey(name)) {
                    units.add(Layer.below(part, name));
                }
            }
        }
        return units;
    }

    private static Layer at(Layer block, String path) {
        Layer layer = block;
        for (String name : path.isEmpty() ? new String[0] : path.split("[.]")) {
            layer = Optional.ofNullable(layer.children().get(name)).orElseThrow();
        }
        return layer;
    }

    /** Returns zeros for the last parameters of each branch of the added units. */
    private Map<String, Supplier<float[]>> zeros() {
        Map<String, Supplier<float[]>> zeros = new LinkedHashMap<>();
        for (String unit : units()) {
            Map<String, ResidualBlock> blocks = residualBlocks(unit);
            Layer layer = at(network.block(), unit);
            Check.that(
                    !blocks.isEmpty()
                            || layer instanceof AverageBlock average && average.startsAsInput()
                            || layer instanceof SaveBlock,
                    "%s must be a residual unit to be inserted as the identity: use stacking",
                    unit);
            blocks.forEach(
                    (path, block) ->
                            ends(path, block, List.of("branch", "afterBranch", "scale"))
                                    .forEach(
                                            (p, parameter) -> {
                                                int size = (int) parameter.getShape().size();
                                                zeros.put(p, () -> new float[size]);
                                            }));
        }
        return zeros;
    }

    /** Returns the outermost residual blocks at a path. */
    private Map<String, ResidualBlock> residualBlocks(String path) {
        Map<String, ResidualBlock> found = new LinkedHashMap<>();
        collect(path, at(network.block(), path), found);
        return found;
    }

    private static void collect(String path, Layer layer, Map<String, ResidualBlock> into) {
        if (layer instanceof ResidualBlock block) {
            into.put(path, block);
        } else {
            layer.children()
                    .forEach((name, child) -> collect(Layer.below(path, name), child, into));
        }
    }

    /** Returns the parameters that make the output 0 if they are 0, from the end of the layers. */
    private static Map<String, Parameter> ends(String path, Layer parent, List<String> order) {
        for (int i = order.size() - 1; i >= 0; i--) {
            String name = order.get(i);
            Layer child = parent.children().get(name);
            if (child != null) {
                Map<String, Parameter> found = ends(Layer.below(path, name), child);
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return Map.of();
    }

    private static Map<String, Parameter> ends(String path, Layer layer) {
        Map<String, Parameter> found = new LinkedHashMap<>();
        // The derivative of ReLU at 0 is 0, so that the unit would never learn.
        Check.that(
                !(layer instanceof ActivationBlock || layer instanceof PReluBlock)
                        || layer instanceof ActivationBlock function && function.isFactor(),
                "units must be inserted as the identity, but a branch ends in the activation %s,"
                        + " whose derivative at 0 may be 0: use stacking",
                path);
        if (layer instanceof SqueezeExcitationBlock) {
            return found; // multiplies its input
        }
        if (layer instanceof ParallelBlock) {
            layer.children().forEach((name, c) -> found.putAll(ends(Layer.below(path, name), c)));
        } else if (scales(layer)) {
            layer.ownParameters()
                    .forEach(
                            (name, p) -> {
                                if (!Cost.isBuffer(p)) {
                                    found.put(Layer.below(path, name), p);
                                }
                            });
        } else {
            return ends(path, layer, List.copyOf(layer.children().keySet()));
        }
        return found;
    }

    /** Returns true for layers whose output is 0 if their parameters are. */
    private static boolean scales(Layer layer) {
        return layer instanceof AffineLayer
                || layer instanceof EndsInScale scale
                        && scale.isZeroWithParameters()
                        && !layer.ownParameters().isEmpty();
    }

    /** Returns the values of the last old units with the same shapes. */
    private Map<String, Supplier<float[]>> stacked() {
        Map<String, Supplier<float[]>> values = new LinkedHashMap<>();
        Map<String, Parameter> all = network.state();
        for (String part : added.keySet()) {
            List<String> fresh = units().stream().filter(u -> isIn(u, part)).toList();
            Layer example = at(network.block(), fresh.get(0));
            List<String> sameShape =
                    at(before, part).children().entrySet().stream()
                            .filter(e -> sameShapes(e.getValue(), example))
                            .map(e -> Layer.below(part, e.getKey()))
                            .toList();
            Check.that(
                    !sameShape.isEmpty(),
                    "%s must have a unit of the shapes of %s to be stacked, found none",
                    part,
                    fresh.get(0));
            int from = Math.max(0, sameShape.size() - fresh.size());
            for (int i = 0; i < fresh.size(); i++) {
                String source = sameShape.get(from + i % (sameShape.size() - from));
                String target = fresh.get(i);
                for (String name : example.namedParameters().keySet()) {
                    Parameter p =
                            Optional.ofNullable(all.get(Layer.below(source, name))).orElseThrow();
                    values.put(Layer.below(target, name), () -> Values.floats(p.getArray()));
                }
            }
        }
        return values;
    }

    private static boolean isIn(String unit, String part) {
        return unit.substring(0, Math.max(0, unit.lastIndexOf('.'))).equals(part);
    }

    private static boolean sameShapes(Layer unit, Layer other) {
        return shapes(unit).equals(shapes(other));
    }

    private static Map<String, Shape> shapes(Layer unit) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        unit.namedParameters().forEach((path, p) -> shapes.put(path, p.getShape()));
        return shapes;
    }

    /** Checks by running it that the network computes the same bits as before. */
    private void requireIdentity(NDList probe, List<float[]> expected) {
        List<float[]> found = outputs(network, probe);
        for (int i = 0; i < found.size(); i++) {
            Check.that(
                    Arrays.equals(expected.get(i), found.get(i)),
                    "units must be inserted as the identity, but %s: use stacking",
                    reason());
        }
    }

    private String reason() {
        for (String unit : units()) {
            for (Map.Entry<String, ResidualBlock> entry : residualBlocks(unit).entrySet()) {
                Map<String, Layer> parts = entry.getValue().children();
                String path = entry.getKey();
                Layer after = parts.get("after");
                if (parts.containsKey("shortcut")) {
                    return "the shortcut of %s is a projection".formatted(path);
                }
                if (parts.containsKey("gate")) {
                    return "a gate scales the shortcut of " + path;
                }
                if (after != null && after.children().containsKey("norm")) {
                    return "a norm follows the sum of " + path;
                }
            }
        }
        return "an output changes, because a merge or an activation of the units changes the"
                + " stream, or settings of the other units depend on the depth";
    }

    /** Returns the outputs for some inputs, computed operation by operation. */
    static List<float[]> outputs(Network network, NDList probe) {
        try (NDManager scratch = network.backend().newManager()) {
            NDList inputs = new NDList();
            for (NDArray x : probe) {
                NDArray view = x.duplicate();
                view.attach(scratch);
                view.setName(x.getName());
                inputs.add(view);
            }
            List<float[]> outputs = new ArrayList<>();
            // Operation by operation: programs of the two networks may round differently.
            for (NDArray output : network.forwardAll(inputs, false)) {
                outputs.add(Values.floats(output));
            }
            return outputs;
        }
    }

    /** Returns random inputs. */
    static NDList probe(Network network, NDManager manager) {
        SplittableRandom random = new SplittableRandom(0);
        NDList inputs = new NDList();
        for (NamedInput named : network.spec().input().all()) {
            long[] dims = named.input().batchShape().getShape().clone();
            dims[0] = SAMPLES;
            Shape shape = new Shape(dims);
            int size = Math.toIntExact(shape.size());
            NDArray x;
            if (named.input() instanceof InputSpec.Tokens tokens) {
                x =
                        Values.create(
                                manager,
                                random.longs(size, 0, tokens.vocabulary()).toArray(),
                                shape);
            } else {
                double[] values = random.doubles(size, -1, 1).toArray();
                x = Values.create(manager, values, shape, DataType.FLOAT32);
            }
            x.setName(named.name());
            inputs.add(x);
        }
        return inputs;
    }
}
