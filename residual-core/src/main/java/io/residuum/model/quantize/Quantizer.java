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
import io.residuum.model.Network;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Glob;
import io.residuum.spec.SpecException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Quantizes a trained network without training: weights to int8 with a scale for each output, and
 * the activations that convolutions and linear layers read to 8 bits, by their ranges on data.
 *
 * <p>The network then holds the rounded weights as floats. {@link Network#save} writes integers,
 * and compiled predictions round activations.
 */
public final class Quantizer {
    private final Network network;
    private final List<NDList> batches;
    private final QuantizeOptions options;
    private final GraphRunner runner;
    private final Graph graph;
    private final List<QuantizableLayer> layers;
    private final Map<String, float[]> rounded = new HashMap<>();

    private Quantizer(
            Network network, List<NDList> batches, QuantizeOptions options, GraphRunner runner) {
        this.network = network;
        this.batches = batches;
        this.options = options;
        this.runner = runner;
        this.graph = runner.capture(batches.get(0));
        this.layers = QuantizableLayer.of(graph);
    }

    /**
     * Quantizes weights and activations.
     *
     * @param network the network, which is changed
     * @param batches inputs as in {@link Network#forward}, all of the same sizes but for the batch;
     *     the first one also measures the error of each layer
     * @param options the options
     * @return the error of each layer and of the network
     * @throws SpecException if the network has no layer to quantize, or a pattern matches none
     * @throws io.residuum.graph.trace.CaptureException if the network cannot be captured
     */
    public static QuantizationReport quantize(
            Network network, List<NDList> batches, QuantizeOptions options) {
        if (batches.isEmpty()) {
            throw new SpecException("quantization needs samples to calibrate with, got none");
        }
        requireFloat(network);
        Quantization quantization;
        QuantizationReport report;
        Quantizer quantizer;
        try (GraphRunner runner = network.graphRunner()) {
            quantizer = new Quantizer(network, batches, options, runner);
            Map<String, LayerQuantization> ranges = quantizer.calibrated();
            report = quantizer.measured(ranges);
            quantization = quantizer.chosen(ranges, report);
        }
        apply(network, quantization, quantizer.rounded);
        return report;
    }

    /**
     * Quantizes only the weights of linear layers, which saves memory; computation stays in float.
     *
     * @param network the network, which is changed
     * @param format the format
     * @param floatLayers patterns of paths of weights that stay in float
     * @return the paths of the quantized weights
     * @throws SpecException if no weight fits the format
     */
    public static List<String> quantizeWeights(
            Network network, QuantizedFormat format, List<String> floatLayers) {
        requireFloat(network);
        Set<String> linear = new TreeSet<>();
        network.block()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof LinearBlock) {
                                linear.add(path.isEmpty() ? "weight" : path + ".weight");
                            }
                        });
        linear.retainAll(network.parameters().keySet());
        Set<String> kept = matching(floatLayers, linear);
        Map<String, QuantizedFormat> formats = new LinkedHashMap<>();
        Map<String, float[]> values = new HashMap<>();
        for (String path : linear) {
            if (!kept.contains(path) && format.fits(shape(network, path))) {
                formats.put(path, format);
                values.put(path, rounded(network, path, format));
            }
        }
        if (formats.isEmpty()) {
            throw new SpecException(
                    "a weight of a linear layer must fit %s, found none among %s: use another group"
                            .formatted(format, linear));
        }
        apply(network, new Quantization(Map.of(), formats), values);
        return List.copyOf(formats.keySet());
    }

    private static void requireFloat(Network network) {
        if (!network.metadata().quantization().equals(Quantization.NONE)) {
            throw new SpecException(
                    network.spec().name()
                            + " must be a network in float, but it is quantized already: use the"
                            + " model that it was made from");
        }
    }

    private static void apply(
            Network network, Quantization quantization, Map<String, float[]> values) {
        network.setMetadata(network.metadata().with(quantization));
        Map<String, Supplier<float[]>> changed = new LinkedHashMap<>();
        quantization
                .weights()
                .keySet()
                .forEach(path -> changed.put(path, () -> Objects.requireNonNull(values.get(path))));
        network.loadValues(changed);
    }

    private static long[] shape(Network network, String path) {
        return Objects.requireNonNull(network.state().get(path)).getShape().getShape();
    }

    private static float[] rounded(Network network, String path, QuantizedFormat format) {
        float[] values =
                Values.floats(Objects.requireNonNull(network.state().get(path)).getArray());
        return format.quantize(values, Math.toIntExact(shape(network, path)[0])).floats();
    }

    private static Set<String> matching(List<String> patterns, Set<String> paths) {
        Set<String> found = new TreeSet<>();
        for (String pattern : patterns) {
            Glob glob = new Glob(pattern);
            if (paths.stream().noneMatch(glob)) {
                throw new SpecException(
                        "a layer to keep in float must match one of %s, got \"%s\""
                                .formatted(paths, pattern));
            }
            paths.stream().filter(glob).forEach(found::add);
        }
        return found;
    }

    /** Returns the ranges of all layers that may be quantized, by path. */
    private Map<String, LayerQuantization> calibrated() {
        Set<String> paths = new TreeSet<>();
        layers.forEach(layer -> paths.add(layer.path()));
        Set<String> kept = matching(options.floatLayers(), paths);
        List<QuantizableLayer> candidates = new ArrayList<>();
        Map<Node, Histogram> histograms = new IdentityHashMap<>();
        for (int i = 1; i < layers.size() - 1; i++) {
            QuantizableLayer layer = layers.get(i);
            // A weight that the first or last layer shares stays in float.
            boolean shared =
                    layer.path().equals(layers.get(0).path())
                            || layer.path().equals(layers.get(layers.size() - 1).path());
            if (!shared && !kept.contains(layer.path())) {
                candidates.add(layer);
                histograms.put(layer.input(), new Histogram());
                if (layer.output() != null) {
                    histograms.put(layer.output(), new Histogram());
                }
            }
        }
        if (candidates.isEmpty()) {
            throw new SpecException(
                    "%s must have a convolution or linear layer between the first and the last to"
                                    .formatted(network.spec().name())
                            + " quantize, found "
                            + paths);
        }
        collect(histograms);
        Map<String, LayerQuantization> ranges = new LinkedHashMap<>();
        for (QuantizableLayer layer : candidates) {
            FakeQuantize input = range(histograms, layer.input(), layer);
            Node after = layer.output();
            FakeQuantize output = after == null ? null : range(histograms, after, layer);
            ranges.putIfAbsent(layer.path(), new LayerQuantization(input, output));
            rounded.computeIfAbsent(
                    layer.path(), path -> rounded(network, path, QuantizedFormat.PER_OUTPUT));
        }
        return ranges;
    }

    private FakeQuantize range(Map<Node, Histogram> histograms, Node node, QuantizableLayer layer) {
        Histogram histogram = Objects.requireNonNull(histograms.get(node));
        if (!histogram.isFinite()) {
            throw new SpecException(
                    "activations must be finite numbers, but those of %s are not: keep it in float"
                            .formatted(layer.path()));
        }
        return histogram.range(options.calibration(), options.percentile());
    }

    private void collect(Map<Node, Histogram> histograms) {
        List<Node> nodes = new ArrayList<>(histograms.keySet());
        List<String> names = IntStream.range(0, nodes.size()).mapToObj(i -> "x" + i).toList();
        Graph probes = graph.withOutputs(nodes, names);
        List<Histogram> all = nodes.stream().map(histograms::get).toList();
        runner.run(probes, batches, Map.of(), values -> forEach(all, values, Histogram::extend));
        if (options.calibration() != Calibration.MINMAX) {
            runner.run(probes, batches, Map.of(), values -> forEach(all, values, Histogram::count));
        }
    }

    private interface Step {
        void accept(Histogram histogram, float[] values);
    }

    private static void forEach(List<Histogram> all, List<float[]> values, Step step) {
        for (int i = 0; i < all.size(); i++) {
            step.accept(all.get(i), values.get(i));
        }
    }

    /** Measures each layer alone, chooses those that stay in float, and measures the rest. */
    private QuantizationReport measured(Map<String, LayerQuantization> ranges) {
        List<float[]> wanted = outputs(Map.of());
        Map<String, Double> errors = new LinkedHashMap<>();
        ranges.forEach(
                (path, range) -> errors.put(path, error(wanted, outputs(Map.of(path, range)))));
        double[] sorted = errors.values().stream().mapToDouble(e -> e).sorted().toArray();
        double most = options.sensitivity() * sorted[sorted.length / 2];
        Map<String, LayerQuantization> left = new LinkedHashMap<>(ranges);
        left.keySet().removeIf(path -> Objects.requireNonNull(errors.get(path)) > most);
        List<QuantizationReport.Layer> table =
                layers.stream()
                        .map(QuantizableLayer::path)
                        .distinct()
                        .map(
                                path ->
                                        new QuantizationReport.Layer(
                                                path,
                                                errors.getOrDefault(path, Double.NaN),
                                                !left.containsKey(path)))
                        .toList();
        return new QuantizationReport(table, error(wanted, outputs(left)));
    }

    private List<float[]> outputs(Map<String, LayerQuantization> quantized) {
        Map<String, float[]> weights = new HashMap<>(rounded);
        weights.keySet().retainAll(quantized.keySet());
        List<float[]> found = new ArrayList<>();
        runner.run(
                new QuantizeActivations(quantized).apply(graph),
                batches.subList(0, 1),
                weights,
                found::addAll);
        return found;
    }

    /** Returns the norm of the difference, divided by the norm. */
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

    private Quantization chosen(Map<String, LayerQuantization> ranges, QuantizationReport report) {
        Map<String, LayerQuantization> kept = new LinkedHashMap<>(ranges);
        Map<String, QuantizedFormat> formats = new LinkedHashMap<>();
        for (QuantizationReport.Layer layer : report.layers()) {
            if (layer.inFloat()) {
                kept.remove(layer.path());
            } else {
                formats.put(layer.path(), QuantizedFormat.PER_OUTPUT);
            }
        }
        return new Quantization(kept, formats);
    }
}
