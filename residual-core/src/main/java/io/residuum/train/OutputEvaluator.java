package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.Loss;
import io.residuum.loss.Target;
import io.residuum.metric.Evaluation;
import io.residuum.metric.Measure;
import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.MetricException;
import io.residuum.metric.OutputKind;
import io.residuum.metric.OutputMetrics;
import io.residuum.model.Network;
import io.residuum.train.predictions.PredictionListener;
import io.residuum.train.report.InputPictures;
import io.residuum.train.report.Mistake;
import io.residuum.train.report.OutputFigure;
import io.residuum.train.report.OutputFigures;
import io.residuum.train.report.Predictions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates the outputs of a network on any data, batch by batch: the loss of each output and the
 * metrics that suit its targets. It keeps counts, and a few numbers a sample, but no outputs.
 */
public final class OutputEvaluator {
    private final Network network;
    private final EvaluationOptions options;
    private final Map<String, List<String>> classNames;
    private final Objective objective;
    private final Map<String, Measured> outputs = new LinkedHashMap<>();
    private IntFunction<String> names = Integer::toString;
    private Map<String, UnaryOperator<MetricBatch>> units = Map.of();
    private int samples;

    /** The losses and metrics of one output. */
    private static final class Measured {
        private final OutputMetrics metrics;
        private final OutputFigures figures;
        private final double weight;
        private final @Nullable Evaluation classes;
        private final boolean summed;
        private double sum;
        private double count;

        Measured(
                OutputMetrics metrics,
                OutputFigures figures,
                double weight,
                @Nullable Evaluation classes,
                boolean named) {
            this.metrics = metrics;
            this.figures = figures;
            this.weight = weight;
            this.classes = classes;
            this.summed = named || classes == null;
        }

        void add(Loss loss, NDArray output) {
            // The default loss of classes comes from their evaluation, in double precision.
            if (summed) {
                sum += Values.floats(loss.sum(output))[0];
                count += loss.count();
            }
        }

        double loss() {
            return summed || classes == null ? sum / count : classes.loss();
        }
    }

    /**
     * Creates an evaluation without samples.
     *
     * @param options the losses and metrics of outputs, and the receiver of predictions
     * @param classNames the names of classes, labels or numbers by output; without names their
     *     indices. A single entry belongs to the output of a network that has one
     * @throws TrainingException if a loss or a metric names no output of the network
     */
    public OutputEvaluator(
            Network network, EvaluationOptions options, Map<String, List<String>> classNames) {
        this.network = network;
        this.options = options;
        this.classNames = classNames;
        this.objective = requireOutputs(network, options);
    }

    /** Requires that losses and metrics name outputs of the network. Returns the losses. */
    static Objective requireOutputs(Network network, EvaluationOptions options) {
        Objective objective = new Objective(network, options.losses());
        options.metrics().keySet().forEach(o -> objective.requireOutput(o, "metrics"));
        return objective;
    }

    /**
     * Names the samples in files of predictions. By default their names are their indices.
     *
     * @param sampleNames returns the name of the sample with an index
     */
    public OutputEvaluator naming(IntFunction<String> sampleNames) {
        names = sampleNames;
        return this;
    }

    /**
     * Measures outputs in the units of the data if the network computes in others, for instance in
     * standard deviations. Losses stay those of training.
     *
     * @param converters converts an output and its target, by the name of the output
     */
    public OutputEvaluator inUnits(Map<String, UnaryOperator<MetricBatch>> converters) {
        units = converters;
        return this;
    }

    /**
     * Runs the network on the next samples and measures its outputs.
     *
     * @param batch the samples; the caller closes it
     * @throws TrainingException if a target, a loss or a metric does not fit its output
     */
    public void add(TrainingBatch batch) {
        Map<String, PredictionListener.Predicted> predicted = new LinkedHashMap<>();
        try (NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            NDList inputs = batch.inputs(manager, DataType.FLOAT32);
            Map<String, NDArray> found = network.predictAll(inputs);
            NDList arrays = new NDList(found.values());
            for (Objective.Term term : objective.terms(batch.targets(), arrays, List.of())) {
                NDArray output = arrays.get(term.index());
                Measured measured =
                        outputs.computeIfAbsent(
                                term.name(), o -> measured(term, output.getShape()));
                measured.add(term.loss(), output);
                Target target = term.target();
                if (target != null) {
                    MetricBatch values =
                            units.getOrDefault(term.name(), UnaryOperator.identity())
                                    .apply(
                                            new MetricBatch(
                                                    Values.floats(output),
                                                    output.getShape(),
                                                    target));
                    measured.metrics.add(values);
                    measured.figures.add(
                            values,
                            measured.figures.wantsImages()
                                    ? InputPictures.of(network.spec(), inputs)
                                    : sample -> Optional.empty());
                    if (measured.classes != null) {
                        measured.classes.add(values);
                    }
                    predicted.put(
                            term.name(),
                            new PredictionListener.Predicted(measured.metrics.output(), values));
                }
            }
        }
        requireTargets(predicted.keySet());
        if (!predicted.isEmpty()) {
            int first = samples;
            samples += predicted.values().iterator().next().batch().samples();
            options.predictions()
                    .predicted(IntStream.range(first, samples).mapToObj(names).toList(), predicted);
        }
    }

    private void requireTargets(Set<String> withTargets) {
        for (String output : options.metrics().keySet()) {
            if (!withTargets.contains(output)) {
                throw new TrainingException(
                        "metrics of the output \"%s\" need a target, but the data has none for it"
                                .formatted(output));
            }
        }
        if (withTargets.isEmpty() && options.predictions() != PredictionListener.NONE) {
            throw new TrainingException(
                    "predictions are written for outputs with targets, but the data has none");
        }
    }

    private Measured measured(Objective.Term term, Shape shape) {
        try {
            List<String> columns =
                    classNames.size() == 1 && network.outputShapes().size() == 1
                            ? classNames.values().iterator().next()
                            : classNames.getOrDefault(term.name(), List.of());
            MeasuredOutput output = new MeasuredOutput(term.kind(), shape, columns);
            boolean classifies = term.kind() == OutputKind.CLASSES && shape.dimension() == 2;
            return new Measured(
                    OutputMetrics.of(
                            output,
                            options.metrics().getOrDefault(term.name(), List.of()),
                            options.detailed()),
                    new OutputFigures(
                            network.outputShapes().size() == 1 ? "" : term.name(), output),
                    term.weight(),
                    classifies ? new Evaluation(0, Math.toIntExact(shape.get(1))) : null,
                    options.losses().containsKey(term.name()));
        } catch (MetricException e) {
            throw new TrainingException(
                    "output \"%s\": %s".formatted(term.name(), e.getMessage()), e);
        }
    }

    /**
     * {@return the predictions of the first output that classifies samples; empty if there is none}
     */
    public Optional<Evaluation> classes() {
        return outputs.values().stream()
                .map(measured -> Optional.ofNullable(measured.classes))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * {@return the result so far}
     *
     * @throws TrainingException if no batch was added
     */
    public EvaluationResult result() {
        return result(i -> null);
    }

    /**
     * {@return the result so far, with mistakes for the report}
     *
     * @param mistakes returns the mistake of the sample with an index, or null to leave it out
     * @throws TrainingException if no batch was added
     */
    public EvaluationResult result(IntFunction<@Nullable Mistake> mistakes) {
        if (outputs.isEmpty()) {
            throw new TrainingException("an evaluation needs samples, but the data has none");
        }
        double loss = 0;
        List<Measure> measures = new ArrayList<>();
        for (Map.Entry<String, Measured> entry : outputs.entrySet()) {
            Measured measured = entry.getValue();
            loss += measured.weight * measured.loss();
            String prefix = outputs.size() == 1 ? "" : entry.getKey() + " ";
            if (outputs.size() > 1) {
                measures.add(new Measure(prefix + "loss", measured.loss()));
            }
            measured.metrics
                    .values()
                    .forEach((name, value) -> measures.add(new Measure(prefix + name, value)));
        }
        Measured only = outputs.size() == 1 ? outputs.values().iterator().next() : null;
        Evaluation classes = only == null ? null : only.classes;
        if (only == null || classes == null) {
            return new EvaluationResult(
                    Score.ofLoss(loss), measures, () -> new Predictions(figures()));
        }
        return new EvaluationResult(
                Score.ofAccuracy(loss, classes.top1()),
                measures.stream().filter(m -> !m.name().equals("accuracy")).toList(),
                () ->
                        EvaluationResult.predictions(
                                        classes, only.metrics.output().names(), mistakes)
                                .with(figures()));
    }

    private List<OutputFigure> figures() {
        List<OutputFigure> figures = new ArrayList<>();
        outputs.forEach(
                (name, measured) -> {
                    Evaluation classes = measured.classes;
                    if (classes != null && outputs.size() > 1) {
                        figures.add(
                                new OutputFigure.Classes(
                                        name,
                                        measured.metrics.output().names(),
                                        classes.confusion()));
                    }
                    figures.addAll(measured.figures.figures());
                });
        return figures;
    }
}
