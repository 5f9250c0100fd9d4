package io.residuum.train.study;

import io.residuum.model.ModelSource;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network and a recipe that a study compares with others.
 *
 * @param name the name, unique in the study
 * @param model the network
 * @param recipe the recipe; the seeds of the study replace its seed
 * @param settings what the study file has alternatives or ranges for; empty for none
 * @param defaultWarmup true if the warmup is a default, which training shortens to half of the
 *     recipe's steps
 */
public record Variant(
        String name,
        ModelSource model,
        Recipe recipe,
        List<Setting> settings,
        boolean defaultWarmup) {

    /**
     * The value that a variant has where the study file has alternatives or a range.
     *
     * @param path the place in the study file, such as {@code recipe.learningRate}
     * @param value the name of the alternative, or the number that was drawn
     * @param range the range of a number; null for an alternative
     */
    public record Setting(String path, String value, @Nullable Range range) {

        /** {@return the last key of the path} */
        String key() {
            return path.substring(path.lastIndexOf('.') + 1);
        }
    }

    public Variant {
        Check.that(!name.isBlank(), "the name of a variant must not be blank, got \"%s\"", name);
        settings = List.copyOf(settings);
    }

    /**
     * Creates a variant for a study written in Java.
     *
     * @param name the name, unique in the study
     * @param model the network
     */
    public Variant(String name, ModelSource model, Recipe recipe) {
        this(name, model, recipe, List.of(), false);
    }

    /**
     * Returns the recipe for a network on the data of a task, which decide how long an epoch is.
     */
    Recipe recipe(ModelSpec spec, Task task) {
        return defaultWarmup && recipe.warmupEpochs() > 0
                ? recipe.withWarmupInside(task.stepsInEpoch(spec, recipe))
                : recipe;
    }

    /** Returns the value of a setting by its path; empty if the variant does not have it. */
    String setting(String path) {
        return settings.stream()
                .filter(s -> s.path().equals(path))
                .map(Setting::value)
                .findFirst()
                .orElse("");
    }

    /** {@return the name as a file: other characters than letters, digits and .=+- are -} */
    public String fileName() {
        return name.replaceAll("[^\\p{L}\\p{N}._=+-]+", "-").replaceFirst("^\\.+", "-");
    }
}
