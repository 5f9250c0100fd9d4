package io.residuum.examples.cli;

import ai.djl.nn.Parameter;
import io.residuum.model.Network;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.LearningRates;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.train.Recipe;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** A recipe on one line, for people: what is decided most often, then what is not the default. */
final class RecipeLine {
    private RecipeLine() {}

    static String of(Recipe recipe) {
        StringJoiner line = new StringJoiner(", ");
        line.add(recipe.epochs() + (recipe.epochs() == 1 ? " epoch" : " epochs"));
        if (recipe.stepsPerEpoch() != null) {
            line.add("of " + recipe.stepsPerEpoch() + " steps");
        }
        line.add(
                recipe.accumulate() == 1
                        ? "batch " + recipe.batch()
                        : "batch " + recipe.accumulate() + " x " + recipe.batch());
        line.add(optimizer(recipe.optimizer()));
        line.add("rate " + number(recipe.learningRate()) + " " + schedule(recipe.schedule()));
        if (recipe.warmupEpochs() > 0) {
            line.add("warmup " + number(recipe.warmupEpochs()) + " epochs");
        }
        if (recipe.labelSmoothing() > 0) {
            line.add("label smoothing " + number(recipe.labelSmoothing()));
        }
        if (recipe.clipNorm() != null) {
            line.add("gradients up to " + number(recipe.clipNorm()));
        }
        if (recipe.ema() != null) {
            line.add("weights averaged by " + number(recipe.ema().decay()));
        }
        if (recipe.augmentation() != null) {
            line.add("augmentation " + recipe.augmentation());
        }
        if (!recipe.mixing().isEmpty()) {
            line.add("mixing " + recipe.mixing());
        }
        if (!recipe.freeze().isEmpty()) {
            line.add("frozen " + String.join(" ", recipe.freeze()));
        }
        if (recipe.layerDecay() < 1) {
            line.add("rate times " + number(recipe.layerDecay()) + " a unit of depth");
        }
        for (LearningRateFactor rate : recipe.rates()) {
            line.add("rate times " + number(rate.factor()) + " for " + rate.pattern());
        }
        return line.add("seed " + recipe.seed()).toString();
    }

    /**
     * What each depth of the network is trained at, from the input to the output: the factors of
     * the learning rate, from the least to the largest where there are several.
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
        OptimizerSpec.AdamW adamw = (OptimizerSpec.AdamW) optimizer;
        return "adamw (weight decay %s)".formatted(number(adamw.weightDecay()));
    }

    /** A number with no more digits than it needs. */
    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value)
                .replaceFirst("0+$", "")
                .replaceFirst("\\.$", "");
    }

    private static String schedule(ScheduleSpec schedule) {
        if (schedule instanceof ScheduleSpec.Step step) {
            return "times " + number(step.gamma()) + " at " + step.milestones();
        }
        if (schedule instanceof ScheduleSpec.Cosine cosine) {
            return cosine.finalFactor() == 0
                    ? "falling by a cosine"
                    : "falling by a cosine to " + number(cosine.finalFactor()) + " of it";
        }
        return "throughout";
    }
}
