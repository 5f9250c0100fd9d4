package io.residuum.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.loss.ClassLoss;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.loss.Loss;
import io.residuum.loss.LossException;
import io.residuum.loss.LossSpec;
import io.residuum.loss.MeanSquaredError;
import io.residuum.loss.Target;
import io.residuum.metric.OutputKind;
import io.residuum.model.Network;
import io.residuum.train.distill.DistillationTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The losses of a network's outputs. An output that the recipe names has that loss. Any other
 * output with a target has the loss that its kind of target suggests: cross-entropy for classes,
 * the mean squared error for numbers. A teacher adds further losses. Outputs without any learn
 * nothing.
 */
final class Objective {
    private final List<String> outputs;
    private final Map<String, LossSpec> losses;
    private final LossSpec ofClasses;
    private final boolean smooths;
    private final LossSpec ofNumbers = new MeanSquaredError(1);

    /** The factor of losses that compare with the data, where a teacher has the rest. */
    private final double dataWeight;

    /**
     * A loss in one forward pass.
     *
     * @param name the output, and what else it is compared with
     * @param index the index of the output
     * @param target the target as the loss reads it: classes for a loss of classes; null if the
     *     loss needs none
     * @param kind the meaning of the numbers of the output
     */
    record Term(
            String name,
            int index,
            double weight,
            @Nullable Target target,
            OutputKind kind,
            Loss loss) {}

    Objective(Network network, Recipe recipe) {
        this(
                network,
                recipe.losses(),
                recipe.labelSmoothing(),
                recipe.distillation() == null ? 1 : 1 - recipe.distillation().weight());
        requireWholeBatches(recipe.accumulate());
    }

    /** Creates the losses of an evaluation. */
    Objective(Network network, Map<String, LossSpec> losses) {
        this(network, losses, 0, 1);
    }

    private Objective(
            Network network,
            Map<String, LossSpec> losses,
            double labelSmoothing,
            double dataWeight) {
        this.dataWeight = dataWeight;
        this.outputs = List.copyOf(network.outputShapes().keySet());
        this.losses = losses;
        this.ofClasses = new CrossEntropyLoss(1, labelSmoothing);
        this.smooths = labelSmoothing > 0;
        for (String name : losses.keySet()) {
            requireOutput(name, "losses of the recipe");
        }
    }

    /** Returns the meaning of an output's numbers. */
    private static OutputKind kind(LossSpec spec, @Nullable Target target) {
        if (target instanceof Target.Classes) {
            return OutputKind.CLASSES;
        }
        return spec.binaryLogits() ? OutputKind.LABELS : OutputKind.NUMBERS;
    }

    /** Requires one pass per update for losses that compare the samples of a batch. */
    void requireWholeBatches(int passes) {
        losses.forEach(
                (output, loss) -> {
                    if (passes > 1 && loss.comparesSamples()) {
                        throw new TrainingException(
                                "accumulate must be 1 with the loss of the output \"%s\", %s, which compares the samples of one batch, got %d: use a larger batch"
                                        .formatted(output, loss, passes));
                    }
                });
    }

    /** Requires that a name is that of an output. */
    void requireOutput(String name, String what) {
        if (!outputs.contains(name)) {
            throw new TrainingException(
                    "%s must name outputs of the network, %s, got \"%s\""
                            .formatted(what, outputs, name));
        }
    }

    /**
     * Binds the losses to the targets of a pass.
     *
     * @param found the outputs of the pass
     * @param distillation the losses of a teacher, if there is one
     * @throws TrainingException if a target or a loss has no partner
     */
    List<Term> terms(
            Map<String, Target> targets, NDList found, List<DistillationTerm> distillation) {
        Map<String, Target> byOutput = byOutput(targets);
        List<Term> terms = new ArrayList<>();
        boolean usesOfClasses = false;
        for (int i = 0; i < outputs.size(); i++) {
            String output = outputs.get(i);
            Target given = byOutput.get(output);
            LossSpec spec = spec(output, given);
            usesOfClasses |= spec == ofClasses;
            Shape shape = found.get(i).getShape();
            DataType type = found.get(i).getDataType();
            Target target = given;
            if (spec != null) {
                Loss loss = bind(output, () -> spec.of(given, shape, type));
                target = spec.needsTarget() ? read(given, loss) : null;
                terms.add(
                        new Term(
                                output,
                                i,
                                dataWeight * spec.weight(),
                                target,
                                kind(spec, target),
                                loss));
            }
            Target read = target;
            for (DistillationTerm distilled : distillation) {
                if (distilled.output().equals(output)) {
                    terms.add(
                            new Term(
                                    output + " " + distilled.kind(),
                                    i,
                                    distilled.weight(),
                                    read,
                                    OutputKind.NUMBERS,
                                    bind(output, () -> distilled.loss(shape, read))));
                }
            }
        }
        if (terms.isEmpty()) {
            throw new TrainingException(
                    "training needs a target for an output of the network, %s, but the data has none"
                            .formatted(outputs));
        }
        if (smooths && !usesOfClasses) {
            throw new TrainingException(
                    "labelSmoothing is for outputs of classes without a loss in losses, found none:"
                            + " remove it, or set labelSmoothing of the loss");
        }
        return terms;
    }

    /** Returns the target as a loss of classes reads it: probabilities and ignored labels, too. */
    private static @Nullable Target read(@Nullable Target given, Loss loss) {
        return given != null && loss instanceof ClassLoss classes
                ? new Target.Classes(classes.labels())
                : given;
    }

    private static Loss bind(String output, Supplier<Loss> loss) {
        try {
            return loss.get();
        } catch (LossException e) {
            throw new TrainingException("output \"%s\": %s".formatted(output, e.getMessage()), e);
        }
    }

    private Map<String, Target> byOutput(Map<String, Target> targets) {
        if (outputs.size() == 1 && targets.size() == 1) {
            return Map.of(outputs.get(0), targets.values().iterator().next());
        }
        targets.keySet().forEach(name -> requireOutput(name, "the targets of the data"));
        return targets;
    }

    private @Nullable LossSpec spec(String output, @Nullable Target target) {
        LossSpec named = losses.get(output);
        if (named != null) {
            if (target == null && named.needsTarget()) {
                throw new TrainingException(
                        "the loss of the output \"%s\" needs a target, but the data has none for it: remove it from losses of the recipe, or add the target"
                                .formatted(output));
            }
            return named;
        }
        return target == null ? null : target instanceof Target.Classes ? ofClasses : ofNumbers;
    }
}
