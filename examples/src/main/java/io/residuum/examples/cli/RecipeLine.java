package io.residuum.examples.cli;

import ai.djl.nn.Parameter;
import io.residuum.model.Network;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.LearningRates;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Formats a recipe as one line: the main settings, then those that are not the default. */
final class RecipeLine {
    private RecipeLine() {}

    static String of(Recipe recipe) {
        StringJoiner line = new StringJoiner(", ");
        line.add(
                recipe.steps() != null
                        ? recipe.steps() + " steps"
                        : recipe.epochs() + (recipe.epochs() == 1 ? " epoch" : " epochs"));
        if (recipe.stepsPerEpoch() != null) {
            line.add(
                    (recipe.steps() != null ? "epochs of " : "of ")
                            + recipe.stepsPerEpoch()
                            + " steps");
        }
        line.add(
                recipe.accumulate() == 1
                        ? "batch " + recipe.batch()
                        : "batch " + recipe.accumulate() + " x " + recipe.batch());
        line.add(optimizer(recipe.optimizer()));
        line.add("learning rate " + number(recipe.learningRate()) + schedule(recipe.schedule()));
        if (recipe.warmupEpochs() > 0) {
            line.add(
                    "warmup "
                            + number(recipe.warmupEpochs())
                            + (recipe.warmupEpochs() == 1 ? " epoch" : " epochs"));
        }
        if (recipe.labelSmoothing() > 0) {
            line.add("label smoothing " + number(recipe.labelSmoothing()));
        }
        recipe.losses().forEach((output, loss) -> line.add("loss of " + output + " " + json(loss)));
        if (recipe.distillation() != null) {
            line.add("teacher " + recipe.distillation().teacher());
        }
        if (recipe.clipNorm() != null) {
            line.add("gradient clipping " + number(recipe.clipNorm()));
        }
        if (recipe.adaptiveClip() != null) {
            line.add("adaptive gradient clipping " + number(recipe.adaptiveClip().factor()));
        }
        if (recipe.quantization() != null) {
            line.add("quantization of " + recipe.quantization());
        }
        if (recipe.sam() != null) {
            line.add("SAM " + json(recipe.sam()));
        }
        if (recipe.ema() != null) {
            line.add("EMA " + number(recipe.ema().decay()));
        }
        if (recipe.augmentation() != null) {
            line.add("augmentation " + list(recipe.augmentation()));
        }
        if (!recipe.mixing().isEmpty()) {
            line.add("mixing " + list(recipe.mixing()));
        }
        if (!recipe.freeze().isEmpty()) {
            line.add("frozen " + String.join(" ", recipe.freeze()));
        }
        if (!recipe.trainOnly().isEmpty()) {
            line.add("trained " + String.join(" ", recipe.trainOnly()));
        }
        if (recipe.layerDecay() < 1) {
            line.add("layer decay " + number(recipe.layerDecay()));
        }
        for (LearningRateFactor rate : recipe.rates()) {
            line.add("learning rate x " + number(rate.factor()) + " for " + rate.pattern());
        }
        recipe.constraints().forEach(constraint -> line.add(json(constraint)));
        recipe.callbacks().forEach(callback -> line.add(json(callback)));
        if (recipe.validation() == 0) {
            line.add("no validation");
        }
        return line.add("seed " + recipe.seed()).toString();
    }

    /**
     * {@return the learning rate factors of each group of parameters, from input to output} A group
     * with several factors has the smallest and the largest.
     */
    static String rates(Network network, Recipe recipe) {
        Map<String, Parameter> trained = network.parameters();
        trained.values().removeIf(p -> !p.requiresGradient());
        StringJoiner line = new StringJoiner(", ");
        for (LearningRates.Group group : recipe.learningRates(network).groups()) {
            DoubleSummaryStatistics factors =
                    group.factors().entrySet().stream()
                            .filter(e -> trained.containsKey(e.getKey()))
                            .mapToDouble(Map.Entry::getValue)
                            .summaryStatistics();
            line.add(group.name() + " " + range(factors));
        }
        return line.toString();
    }

    private static String range(DoubleSummaryStatistics factors) {
        if (factors.getCount() == 0) {
            return "frozen";
        }
        String least = factor(factors.getMin());
        String most = factor(factors.getMax());
        return least.equals(most) ? least : least + " to " + most;
    }

    private static String factor(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }

    private static String optimizer(OptimizerSpec optimizer) {
        if (optimizer instanceof OptimizerSpec.Sgd sgd) {
            return "sgd (%smomentum %s, weight decay %s)"
                    .formatted(
                            sgd.nesterov() ? "Nesterov " : "",
                            number(sgd.momentum()),
                            number(sgd.weightDecay()));
        }
        if (optimizer instanceof OptimizerSpec.Adam adam) {
            return "adam (weight decay %s)".formatted(number(adam.weightDecay()));
        }
        if (optimizer instanceof OptimizerSpec.AdamW adamw) {
            return "adamw (weight decay %s)".formatted(number(adamw.weightDecay()));
        }
        return json(optimizer);
    }

    private static List<String> list(List<?> records) {
        return records.stream().map(RecipeLine::json).toList();
    }

    private static String json(Object record) {
        return SpecJson.standard().compact(record);
    }

    /** {@return a number without trailing zeros, with up to 6 decimals} */
    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value)
                .replaceFirst("0+$", "")
                .replaceFirst("\\.$", "");
    }

    private static String schedule(ScheduleSpec schedule) {
        if (schedule instanceof ScheduleSpec.Step step) {
            return ", step schedule x " + number(step.gamma()) + " at " + step.milestones();
        }
        if (schedule instanceof ScheduleSpec.Cosine cosine) {
            return cosine.finalFactor() == 0
                    ? ", cosine schedule"
                    : ", cosine schedule down to x " + number(cosine.finalFactor());
        }
        return schedule instanceof ScheduleSpec.Constant
                ? ", constant"
                : ", schedule " + json(schedule);
    }
}
