package io.residuum.model.quantize;

import ai.djl.ndarray.NDList;
import io.residuum.compile.GraphRunner;
import io.residuum.emit.Quantization;
import io.residuum.engine.Values;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.rewrite.LayerQuantization;
import io.residuum.graph.rewrite.QuantizableLayer;
import io.residuum.graph.rewrite.QuantizeActivations;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Glob;
import io.residuum.spec.SpecException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Quantizes a trained network without training: weights to int8 with a scale for each output, and
 * the activations that convolutions and linear layers read to 8 bits, by their ranges on data.
 *
 * <p>The network then holds the rounded weights as floats. {@link Network#save} writes integers,
 * and compiled predictions round activations.
 */
public final class Quantizer {
    /** The number of batches that measure the error of each layer. */
    private static final int MEASURED = 4;

    private final Network network;
    private final List<NDList> batches;
    private final QuantizeOptions options;
    private final GraphRunner runner;
    private final Graph graph;
    private final List<QuantizableLayer> layers;
    private final Map<String, Ranges> ranges = new LinkedHashMap<>();

    /** The distributions of a layer's activations; all uses of a shared layer count. */
    private record Ranges(Histogram input, @Nullable Histogram output) {}

    private Quantizer(
            Network network, List<NDList> batches, QuantizeOptions options, GraphRunner runner) {
        this.network = network;
        this.batches = batches;
        this.options = options;
        this.runner = runner;
        this.graph = QuantizableLayer.prepared(runner.capture(batches.get(0)));
        this.layers = QuantizableLayer.of(graph);
    }

    /**
     * Quantizes weights and activations. Branches that are one convolution in prediction are merged
     * before, which changes the spec: see {@link io.residuum.spec.MergeableBranches}.
     *
     * @param network the network, which is changed
     * @param batches inputs as in {@link Network#forward}, all of the same sizes except the batch;
     *     the first four also measure the error of each layer
     * @return the error of each layer and of the network
     * @throws SpecException if the network has no layer to quantize, or a pattern matches none
     * @throws io.residuum.graph.trace.CaptureException if the network cannot be captured
     */
    public static QuantizationReport quantize(
            Network network, List<NDList> batches, QuantizeOptions options) {
        Check.that(!batches.isEmpty(), "quantization needs batches to calibrate with, got none");
        requireFloat(network);
        MergedBranches.merge(network, batches.get(0));
        try (GraphRunner runner = network.graphRunner()) {
            return new Quantizer(network, batches, options, runner).run();
        }
    }

    /**
     * Quantizes only the weights of linear layers, which makes files smaller; activations stay in
     * float.
     *
     * @param network the network, which is changed
     * @param floatLayers patterns of paths of weights that stay in float
     * @return the paths of the quantized weights
     * @throws SpecException if no weight fits the format
     */
    public static List<String> quantizeWeights(
            Network network, QuantizedFormat format, List<String> floatLayers) {
        return quantizeLinear(network, format, floatLayers, false);
    }

    /**
     * Quantizes the weights of linear layers to int8, and their inputs to 8 bits by the range that
     * they have in each prediction. It needs no data. Only onnxruntime computes so.
     *
     * @param network the network, which is changed
     * @param floatLayers patterns of paths of weights that stay in float
     * @return the paths of the quantized weights
     * @throws SpecException if the network has no linear layer to quantize
     */
    public static List<String> quantizeDynamically(Network network, List<String> floatLayers) {
        return quantizeLinear(network, QuantizedFormat.PER_OUTPUT, floatLayers, true);
    }

    /**
     * Gives a network in float the quantization of a saved model: its bits, layers and ranges of
     * activations. The weights stay as they are until {@link Network#save} rounds them.
     *
     * @param network the network, which has the same layers
     * @param model a quantized model, as in {@link ModelSource#of(String)}
     * @throws SpecException if the model is in float or quantized dynamically, or the network lacks
     *     one of its layers
     */
    public static void copyQuantization(String model, Network network) {
        Quantization quantization = ModelSource.of(model).metadata().quantization();
        Check.that(
                !quantization.layers().isEmpty() && !quantization.dynamic(),
                "%s must be a quantized model with fixed ranges or weights only, found %s: write"
                        + " one with residuum quantize",
                model,
                quantization.dynamic() ? "one with dynamic activations" : "one in float");
        Set<String> missing = new TreeSet<>(quantization.layers().keySet());
        missing.removeIf(
                path ->
                        network.parameters().containsKey(path)
                                && quantization.format().fits(shape(network, path)));
        Check.that(
                missing.isEmpty(),
                "%s must have the quantized layers of %s, found none for %s: train %s itself, whose"
                        + " branches may be merged",
                network.spec().name(),
                model,
                missing,
                model);
        network.setMetadata(network.metadata().with(quantization));
    }

    private static List<String> quantizeLinear(
            Network network, QuantizedFormat format, List<String> floatLayers, boolean dynamic) {
        requireFloat(network);
        Set<String> linear = new LinkedHashSet<>();
        network.block()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof LinearBlock) {
                                linear.add(path.isEmpty() ? "weight" : path + ".weight");
                            }
                        });
        linear.retainAll(network.parameters().keySet());
        Map<String, LayerQuantization> quantized = new LinkedHashMap<>();
        linear.forEach(path -> quantized.put(path, LayerQuantization.WEIGHT));
        quantized.keySet().removeAll(matching(floatLayers, linear));
        quantized.keySet().removeIf(path -> !format.fits(shape(network, path)));
        Check.that(
                !quantized.isEmpty(),
                "a weight of a linear layer must fit %s, found none among %s; 4 bits need an even"
                        + " width: use 8 bits",
                format,
                linear);
        quantized.keySet().forEach(path -> set(network, path, rounded(network, path, format)));
        network.setMetadata(network.metadata().with(new Quantization(format, quantized, dynamic)));
        return List.copyOf(quantized.keySet());
    }

    private static void requireFloat(Network network) {
        Check.that(
                network.metadata().quantization().layers().isEmpty(),
                "%s must be a network in float, but it is quantized: use the model that it was made"
                        + " from",
                network.spec().name());
    }

    private static long[] shape(Network network, String path) {
        return Objects.requireNonNull(network.state().get(path)).getShape().getShape();
    }

    private static float[] values(Network network, String path) {
        return Values.floats(Objects.requireNonNull(network.state().get(path)).getArray());
    }

    private static float[] rounded(Network network, String path, QuantizedFormat format) {
        float[] values = values(network, path);
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new SpecException(path + " must be finite numbers, found " + value);
            }
        }
        return format.quantize(values, Math.toIntExact(shape(network, path)[0])).floats();
    }

    private static void set(Network network, String path, float[] values) {
        network.loadValues(Map.of(path, () -> values));
    }

    private static Set<String> matching(List<String> patterns, Set<String> paths) {
        Set<String> found = new LinkedHashSet<>();
        for (String pattern : patterns) {
            Set<String> some = new LinkedHashSet<>(paths);
            some.removeIf(new Glob(pattern).negate());
            Check.that(
                    !some.isEmpty(),
                    "a layer to keep in float must match one of %s, got \"%s\"",
                    paths,
                    pattern);
            found.addAll(some);
        }
        return found;
    }

    private QuantizationReport run() {
        collect();
        Map<String, LayerQuantization> wanted = new LinkedHashMap<>();
        ranges.forEach(
                (path, both) ->
                        wanted.put(
                                path,
                                new LayerQuantization(
                                        range(path, both.input()), range(path, both.output()))));
        List<float[]> outputs = outputs(Map.of());
        Map<String, Double> errors = new LinkedHashMap<>();
        Map<String, float[]> originals = new LinkedHashMap<>();
        try {
            wanted.forEach(
                    (path, layer) -> {
                        float[] original = values(network, path);
                        originals.put(path, original);
                        round(path);
                        errors.put(path, error(outputs, outputs(Map.of(path, layer))));
                        set(network, path, original);
                    });
            keepInFloat(wanted, errors);
            wanted.keySet().forEach(this::round);
            double error = error(outputs, outputs(wanted));
            Quantization quantization = new Quantization(QuantizedFormat.PER_OUTPUT, wanted, false);
            network.setMetadata(network.metadata().with(quantization));
            return report(errors, wanted.keySet(), error);
        } catch (RuntimeException e) {
            originals.forEach((path, values) -> set(network, path, values));
            throw e;
        }
    }

    private void round(String path) {
        set(network, path, rounded(network, path, QuantizedFormat.PER_OUTPUT));
    }

    /** Collects the distributions of the activations of all layers that may be quantized. */
    private void collect() {
        Set<String> paths = new LinkedHashSet<>();
        layers.forEach(layer -> paths.add(layer.path()));
        Set<String> kept = matching(options.floatLayers(), paths);
        if (!layers.isEmpty()) {
            kept.add(layers.get(0).path());
            kept.add(layers.get(layers.size() - 1).path());
        }
        Map<Node, List<Histogram>> histograms = new IdentityHashMap<>();
        for (QuantizableLayer layer : layers) {
            if (!kept.contains(layer.path())) {
                Node output = layer.output();
                Ranges both =
                        ranges.computeIfAbsent(
                                layer.path(),
                                path ->
                                        new Ranges(
                                                new Histogram(),
                                                output == null ? null : new Histogram()));
                add(histograms, layer.input(), both.input());
                if (output != null && both.output() != null) {
                    add(histograms, output, both.output());
                }
            }
        }
        Check.that(
                !ranges.isEmpty(),
                "%s must have a convolution or linear layer to quantize besides the first and the"
                        + " last, found %s",
                network.spec().name(),
                paths);
        List<Node> nodes = List.copyOf(histograms.keySet());
        List<String> names = IntStream.range(0, nodes.size()).mapToObj(i -> "x" + i).toList();
        Graph probes = graph.withOutputs(nodes, names);
        List<List<Histogram>> all = nodes.stream().map(histograms::get).toList();
        runner.run(probes, batches, (i, values) -> all.get(i).forEach(h -> h.extend(values)));
        if (options.calibration() != Calibration.MINMAX) {
            runner.run(probes, batches, (i, values) -> all.get(i).forEach(h -> h.count(values)));
        }
    }

    private static void add(Map<Node, List<Histogram>> histograms, Node node, Histogram histogram) {
        histograms.computeIfAbsent(node, n -> new ArrayList<>()).add(histogram);
    }

    private @Nullable FakeQuantize range(String path, @Nullable Histogram histogram) {
        if (histogram == null) {
            return null;
        }
        Check.that(
                histogram.isFinite(),
                "activations must be finite numbers, but those of %s are not: keep it in float",
                path);
        return histogram.range(options.calibration(), options.percentile());
    }

    private void keepInFloat(Map<String, LayerQuantization> wanted, Map<String, Double> errors) {
        double[] sorted = errors.values().stream().mapToDouble(e -> e).sorted().toArray();
        double most = options.sensitivity() * sorted[sorted.length / 2];
        wanted.keySet().removeIf(path -> Objects.requireNonNull(errors.get(path)) > most);
    }

    private QuantizationReport report(
            Map<String, Double> errors, Set<String> quantized, double error) {
        List<QuantizationReport.Layer> table =
                layers.stream()
                        .map(QuantizableLayer::path)
                        .distinct()
                        .map(
                                path ->
                                        new QuantizationReport.Layer(
                                                path,
                                                errors.getOrDefault(path, Double.NaN),
                                                !quantized.contains(path)))
                        .toList();
        return new QuantizationReport(table, error);
    }

    private List<float[]> outputs(Map<String, LayerQuantization> quantized) {
        List<float[]> found = new ArrayList<>();
        runner.run(
                new QuantizeActivations(quantized).apply(graph),
                batches.subList(0, Math.min(MEASURED, batches.size())),
                (i, values) -> found.add(values));
        return found;
    }

    private static double error(List<float[]> wanted, List<float[]> found) {
        double difference = 0;
        double norm = Double.MIN_NORMAL;
        for (int i = 0; i < wanted.size(); i++) {
            for (int j = 0; j < wanted.get(i).length; j++) {
                double value = wanted.get(i)[j];
                difference += Math.pow(value - found.get(i)[j], 2);
                norm += value * value;
            }
        }
        return Math.sqrt(difference / norm);
    }
}
