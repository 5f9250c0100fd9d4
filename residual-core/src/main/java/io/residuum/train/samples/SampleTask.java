package io.residuum.train.samples;

import com.google.common.math.IntMath;
import io.residuum.data.Fingerprint;
import io.residuum.data.Prefetcher;
import io.residuum.loss.HuberLoss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.MeanAbsoluteError;
import io.residuum.loss.MeanSquaredError;
import io.residuum.metric.MetricBatch;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.OutputEvaluator;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Learns from samples, with any inputs and outputs. Each output with a target has a loss: the one
 * that the recipe names, else the one of its kind of target.
 *
 * <pre>{@code
 * Samples samples = Samples.of(List.of(
 *         new Sample(
 *                 Map.of("board", new Tensor.Numbers(planes, new Shape(3, 8, 8)),
 *                         "clock", Tensor.numbers(0.5f, 0.25f)),
 *                 Map.of("policy", Tensor.label(17), "value", Tensor.numbers(1))),
 *         ...));
 * SampleSplits data =
 *         SampleSplits.holdingOut("games", samples, Optional.empty(), recipe.validation());
 * new Trainer(network, recipe, SampleTask.on(data), folder, listener).start();
 * }</pre>
 *
 * @param data the samples
 * @param classNames the names of classes, labels or numbers by output, for the report; empty where
 *     unknown
 * @param units converts an output and its target to the units of the data, in which metrics and
 *     predictions are, by output; empty where they are the same
 * @param losses the losses of outputs that the recipe names no loss for; empty where the targets
 *     decide
 * @param model what a saved network needs in addition to its spec
 */
public record SampleTask(
        SampleSplits data,
        Map<String, List<String>> classNames,
        Map<String, UnaryOperator<MetricBatch>> units,
        Map<String, LossSpec> losses,
        ModelMetadata model)
        implements Task.OnSplits<Samples> {
    public SampleTask {
        classNames = Collections.unmodifiableMap(new LinkedHashMap<>(classNames));
        units = Collections.unmodifiableMap(new LinkedHashMap<>(units));
        losses = Map.copyOf(losses);
    }

    /** Creates a task whose classes have no names. */
    public static SampleTask on(SampleSplits data) {
        return new SampleTask(data, Map.of(), Map.of(), Map.of(), ModelMetadata.EMPTY);
    }

    /** {@return a hash of the samples; empty for a stream, which is not read for it} */
    @Override
    public Optional<String> fingerprint() {
        return data.train() instanceof Samples train
                ? Optional.of(
                        Fingerprint.of(
                                part(train),
                                data.validation().map(SampleTask::part),
                                data.test().map(SampleTask::part)))
                : Optional.empty();
    }

    private static String part(Samples samples) {
        return Fingerprint.part(samples.size(), "samples", samples.fingerprint());
    }

    @Override
    public String unit() {
        return "samples";
    }

    @Override
    public void requireFitting(Network network) {
        SampleLayout layout = new SampleLayout(network.spec());
        List<Samples> parts = new ArrayList<>();
        if (data.train() instanceof Samples train) {
            parts.add(train);
        }
        data.validation().ifPresent(parts::add);
        data.test().ifPresent(parts::add);
        for (Samples part : parts) {
            layout.batch(List.of(part.get(0)));
        }
    }

    /** {@return the recipe with all losses, and without augmentation if it names none} */
    @Override
    public Recipe completed(Recipe recipe) {
        if (!recipe.mixing().isEmpty()) {
            throw new TrainingException(
                    "mixing is for labelled images, but the data are samples: remove it from the"
                            + " recipe");
        }
        if (data.train() instanceof Samples samples) {
            samples.augmentedBy(augmentation(recipe)); // fails now, before anything is written
        } else if (!augmentation(recipe).isEmpty()) {
            throw new TrainingException(
                    "augmentation is for samples with an index, but the data are a stream: augment"
                            + " the samples before they enter it");
        }
        return recipe.with()
                .augmentation(augmentation(recipe))
                .losses(withLosses(recipe.losses()))
                .build();
    }

    private Map<String, LossSpec> withLosses(Map<String, LossSpec> named) {
        Map<String, LossSpec> all = new LinkedHashMap<>(losses);
        all.putAll(named);
        return all;
    }

    private static List<Transform> augmentation(Recipe recipe) {
        return Objects.requireNonNullElse(recipe.augmentation(), List.of());
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        SampleLayout layout = new SampleLayout(spec);
        return data.train() instanceof Samples samples
                ? SampleBatches.open(samples.augmentedBy(augmentation(recipe)), layout, recipe)
                : new StreamBatches((SampleStream) data.train(), layout, recipe);
    }

    @Override
    public List<Task> folds(int count, double share) {
        return data.folds(count, share).stream()
                .map(fold -> (Task) new SampleTask(fold, classNames, units, losses, model))
                .toList();
    }

    @Override
    public EvaluationSet evaluationOn(Samples samples) {
        return EvaluationSet.of(
                samples.size(), (network, options) -> result(network, samples, options));
    }

    private EvaluationResult result(Network network, Samples samples, EvaluationOptions options) {
        SampleLayout layout = new SampleLayout(network.spec());
        OutputEvaluator evaluator =
                new OutputEvaluator(
                                network,
                                options.with().losses(withLosses(options.losses())).build(),
                                classNames)
                        .inUnits(units);
        try (Prefetcher prefetcher = SampleBatches.newPrefetcher()) {
            int size = options.batch();
            int batches = IntMath.divide(samples.size(), size, RoundingMode.CEILING);
            prefetcher
                    .epoch(
                            0,
                            batches,
                            i ->
                                    SampleBatches.batch(
                                            samples::get,
                                            layout,
                                            i * size,
                                            Math.min(size, samples.size() - i * size)))
                    .forEachRemaining(evaluator::add);
        }
        return evaluator.result();
    }

    @Override
    public Map<String, String> metadata() {
        return model.withHeldOut(data.heldOut()).entries();
    }

    /** {@return the metadata, which say what the numbers of the outputs are if none is a class} */
    @Override
    public Map<String, String> metadata(Recipe recipe) {
        ModelMetadata saved = new ModelMetadata(metadata());
        return saved.entry(ClassActivation.METADATA).isPresent()
                ? saved.entries()
                : activation(recipe).on(saved).entries();
    }

    /** Returns the activation that suits the losses of all outputs, the softmax if none does. */
    private ClassActivation activation(Recipe recipe) {
        Samples some =
                data.train() instanceof Samples train ? train : data.validation().orElse(null);
        if (some == null) {
            return ClassActivation.SOFTMAX;
        }
        Map<String, Tensor> targets = some.get(0).targets();
        Set<ClassActivation> found = EnumSet.noneOf(ClassActivation.class);
        targets.forEach(
                (name, target) -> {
                    // The target of a network's only output may have another name.
                    boolean only = targets.size() == 1 && recipe.losses().size() == 1;
                    LossSpec loss =
                            only
                                    ? recipe.losses().values().iterator().next()
                                    : recipe.losses().get(name);
                    found.add(activation(target, loss));
                });
        return found.size() == 1 ? found.iterator().next() : ClassActivation.SOFTMAX;
    }

    private static ClassActivation activation(Tensor target, @Nullable LossSpec loss) {
        if (!(target instanceof Tensor.Numbers) || target.shape().dimension() > 1) {
            return ClassActivation.SOFTMAX;
        }
        if (loss != null && loss.binaryLogits()) {
            return ClassActivation.SIGMOID;
        }
        // Losses of classes read numbers as probabilities.
        return loss == null
                        || loss instanceof MeanSquaredError
                        || loss instanceof MeanAbsoluteError
                        || loss instanceof HuberLoss
                ? ClassActivation.IDENTITY
                : ClassActivation.SOFTMAX;
    }
}
