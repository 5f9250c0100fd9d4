package io.residuum.train.study;

import io.residuum.model.ModelSource;
import io.residuum.spec.Check;
import io.residuum.train.Recipe;
import java.util.List;

/**
 * A network and a recipe that a study compares with others.
 *
 * @param name the name, unique in the study
 * @param model the network
 * @param recipe the recipe; the seeds of the study replace its seed
 * @param settings what the study file has alternatives or ranges for; empty for none
 */
public record Variant(String name, ModelSource model, Recipe recipe, List<Setting> settings) {

    public Variant {
        Check.that(!name.isBlank(), "the name of a variant must not be blank, got \"%s\"", name);
        settings = List.copyOf(settings);
    }

    /**
     * Creates a variant for a study written in Java.
     *
     * @param name the name, unique in the study
     * @param model the network
     * @param recipe the recipe
     */
    public Variant(String name, ModelSource model, Recipe recipe) {
        this(name, model, recipe, List.of());
    }

    /** {@return the name as a file: other characters than letters, digits and .=+- are -} */
    public String fileName() {
        return name.replaceAll("[^\\p{L}\\p{N}._=+-]+", "-").replaceFirst("^\\.+", "-");
    }
}
