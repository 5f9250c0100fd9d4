package io.residuum.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.emit.Quantization;
import io.residuum.engine.Values;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Glob;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Widens hidden layers one after the other. A layer with more outputs changes the shapes of its
 * parameters and of those that read them: an axis that grows on the side of the outputs gets
 * copies, and one on the side of the inputs gets shares that sum to the old weight.
 */
final class Widening {
    private static final double TOLERANCE = 1e-4;

    private final Network network;
    private final long seed;
    private final Map<String, float[]> changed = new LinkedHashMap<>();
    private ModelSpec spec;
    private Layer block;

    Widening(Network network, long seed) {
        this.network = network;
        this.seed = seed;
        this.spec = network.spec().withNetwork(network.spec().network().expanded());
        this.block = spec.newBlock();
    }

    void widen(Map<String, Integer> widths) {
        ModelSpec before = network.spec();
        ModelMetadata metadata = network.metadata();
        try (NDManager manager = network.backend().newManager()) {
            NDList probe = Growth.probe(network, manager);
            List<float[]> outputs = Growth.outputs(network, probe);
            widths.forEach(this::widenAll);
            Map<String, float[]> kept = new LinkedHashMap<>();
            changed.keySet().forEach(path -> kept.put(path, current(path)));
            network.adaptTo(spec, 0);
            network.setMetadata(metadata.with(Quantization.NONE));
            try {
                network.loadValues(suppliers(changed));
                requireSame(outputs, Growth.outputs(network, probe));
            } catch (RuntimeException e) {
                network.adaptTo(before, 0);
                network.setMetadata(metadata);
                network.loadValues(suppliers(kept));
                throw e;
            }
        }
    }

    private static Map<String, Supplier<float[]>> suppliers(Map<String, float[]> values) {
        Map<String, Supplier<float[]>> all = new LinkedHashMap<>();
        values.forEach((path, v) -> all.put(path, () -> v));
        return all;
    }

    /** Returns the values that the network has now. */
    private float[] current(String path) {
        return Values.floats(Objects.requireNonNull(network.state().get(path), path).getArray());
    }

    private void widenAll(String pattern, int width) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        block.walk(layers::put);
        List<String> paths = layers.keySet().stream().filter(new Glob(pattern)).toList();
        Check.that(
                !paths.isEmpty(),
                "the pattern of a width must match layers, got \"%s\": residuum show prints their"
                        + " paths",
                pattern);
        paths.forEach(path -> widen(path, width));
    }

    private void widen(String path, int width) {
        LayerSpec wide = spec.network().changedAt(path, narrow -> narrow.widened(width));
        ModelSpec next = spec.withNetwork(wide);
        Layer wider = next.newBlock();
        Map<String, Parameter> after = wider.namedParameters();
        Units units = null;
        for (Map.Entry<String, Parameter> entry : block.namedParameters().entrySet()) {
            String name = entry.getKey();
            Shape from = entry.getValue().getShape();
            Shape to = Objects.requireNonNull(after.get(name), name).getShape();
            if (!to.equals(from)) {
                if (units == null) {
                    // The first is a weight of the layer itself, (outputs, inputs, ...).
                    units = units(path, Math.toIntExact(from.get(0)), width);
                }
                float[] values = changed.get(name);
                changed.put(
                        name,
                        units.widened(name, values == null ? current(name) : values, from, to));
            }
        }
        spec = next;
        block = wider;
    }

    private Units units(String path, int old, int width) {
        Check.that(
                width >= old, "the width of %s must be at least its %s, got %s", path, old, width);
        return new Units(old, width, BuiltNetwork.random(seed, path));
    }

    /**
     * The units of one hidden layer: unit i of the wide one copies unit i modulo the old number.
     */
    private record Units(int old, int width, double[] shares) {

        Units(int old, int width, SplittableRandom random) {
            this(old, width, shares(old, width, random));
        }

        /** Draws the share of each unit; those of the copies of one unit sum to 1. */
        private static double[] shares(int old, int width, SplittableRandom random) {
            double[] shares = random.doubles(width, 0.5, 1.5).toArray();
            double[] sums = new double[old];
            for (int i = 0; i < width; i++) {
                sums[i % old] += shares[i];
            }
            for (int i = 0; i < width; i++) {
                shares[i] /= sums[i % old];
            }
            return shares;
        }

        float[] widened(String path, float[] values, Shape from, Shape to) {
            int axis = grownAxis(path, from, to);
            int rows = Math.toIntExact(to.slice(0, axis).size());
            int inner = Math.toIntExact(to.slice(axis + 1).size());
            // A flattened image has several values per channel.
            int perUnit = Math.toIntExact(to.get(axis) / width);
            int block = perUnit * inner;
            float[] wide = new float[Math.toIntExact(to.size())];
            for (int row = 0; row < rows; row++) {
                for (int unit = 0; unit < width; unit++) {
                    double share = axis == 0 ? 1 : shares[unit];
                    int source = (row * old + unit % old) * block;
                    int target = (row * width + unit) * block;
                    for (int i = 0; i < block; i++) {
                        wide[target + i] = (float) (values[source + i] * share);
                    }
                }
            }
            return wide;
        }

        private int grownAxis(String path, Shape from, Shape to) {
            int grown = -1;
            boolean one = from.dimension() == to.dimension();
            for (int axis = 0; one && axis < from.dimension(); axis++) {
                if (from.get(axis) != to.get(axis)) {
                    one =
                            grown < 0
                                    && from.get(axis) * width == to.get(axis) * old
                                    && to.get(axis) % width == 0;
                    grown = axis;
                }
            }
            Check.that(
                    one,
                    "%s must grow along one axis from %s to %s, found %s and %s: widen a layer"
                            + " inside a branch that no convolution with groups reads",
                    path,
                    old,
                    width,
                    from,
                    to);
            return grown;
        }
    }

    private static void requireSame(List<float[]> before, List<float[]> after) {
        for (int i = 0; i < before.size(); i++) {
            float[] expected = before.get(i);
            Check.that(
                    expected.length == after.get(i).length,
                    "a layer inside the network must be widened, found one whose outputs are the"
                            + " network's");
            double largest = 0;
            double difference = 0;
            for (int j = 0; j < expected.length; j++) {
                largest = Math.max(largest, Math.abs(expected[j]));
                double d = Math.abs(expected[j] - after.get(i)[j]);
                difference = Double.isNaN(d) ? d : Math.max(difference, d);
            }
            Check.that(
                    difference <= TOLERANCE * largest,
                    "outputs must stay the same in a wider network, but they differ by %s of %s: if"
                            + " a norm or groups see the hidden units, use a multiple of the old"
                            + " width",
                    difference,
                    largest);
        }
    }
}
