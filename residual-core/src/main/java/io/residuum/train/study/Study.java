package io.residuum.train.study;

import io.residuum.spec.Check;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of networks and recipes: each variant is trained with each seed. {@link StudyRunner}
 * runs it.
 *
 * @param name a short name, fit for a folder
 * @param description the question that the study answers; may be empty
 * @param data the data as the command line names them; null if the caller decides
 * @param variants what is compared, one or more
 * @param seeds the seeds of each variant, one or more
 * @param measure the measure that ranks the variants; null for {@code best} of the first recipe, or
 *     else the accuracy if the task has one, or else the loss
 * @param search the way in which the variants were drawn; null if the study compares all
 */
public record Study(
        String name,
        String description,
        @Nullable String data,
        List<Variant> variants,
        List<Long> seeds,
        Score.@Nullable Choice measure,
        @Nullable Search search) {

    public Study {
        variants = List.copyOf(variants);
        seeds = List.copyOf(seeds);
        Check.that(!variants.isEmpty(), "a study must have one variant or more, got none");
        Check.that(!seeds.isEmpty(), "a study must have one seed or more, got none");
        Set<Long> different = new HashSet<>();
        for (long seed : seeds) {
            Check.that(different.add(seed), "the seeds of a study must differ, got %s twice", seed);
        }
        Map<String, String> files = new HashMap<>();
        for (Variant variant : variants) {
            // Some file systems ignore case.
            String file = variant.fileName().toLowerCase(Locale.ROOT);
            String other = files.put(file, variant.name());
            Check.that(
                    other == null,
                    "variants must have names that differ as names of folders, got \"%s\" and"
                            + " \"%s\": give the alternatives other names",
                    String.valueOf(other),
                    variant.name());
        }
    }

    /**
     * {@return a copy with other data}
     *
     * @param other the data as the command line names them
     */
    public Study withData(String other) {
        return new Study(name, description, other, variants, seeds, measure, search);
    }

    /**
     * Returns the numbers of epochs after which the study drops its worst variants. The last one
     * has no limit, so that the recipe's epochs count.
     */
    List<Integer> rungs() {
        List<Integer> rungs = new ArrayList<>();
        if (search instanceof Search.SuccessiveHalving halving) {
            int left = variants.size();
            for (long epochs = halving.minEpochs();
                    epochs < mostEpochs() && left > 1;
                    epochs *= halving.factor()) {
                rungs.add((int) epochs);
                left = halving.kept(left);
            }
        }
        rungs.add(Integer.MAX_VALUE);
        return rungs;
    }

    private int mostEpochs() {
        return variants.stream().mapToInt(v -> v.recipe().epochs()).max().orElseThrow();
    }

    /** Returns the share of all epochs of all variants that the study trains. */
    double trainedShare() {
        double trained = 0;
        int left = variants.size();
        int before = 0;
        for (int rung : rungs()) {
            int epochs = Math.min(rung, mostEpochs());
            trained += (double) left * (epochs - before);
            before = epochs;
            left = search instanceof Search.SuccessiveHalving halving ? halving.kept(left) : left;
        }
        return trained / variants.size() / mostEpochs();
    }

    /**
     * Reads a study file. What its recipe does not set has the recipe's default.
     *
     * @param file a JSON file
     * @throws io.residuum.spec.SpecException {@code file:line: $.path: message} if it is not valid
     */
    public static Study read(Path file) {
        return read(file, data -> Recipe.defaults());
    }

    /**
     * Reads a study file.
     *
     * @param file a JSON file
     * @param defaults returns the settings that the file's recipe does not set, for the {@code
     *     data} of the file
     * @throws io.residuum.spec.SpecException {@code file:line: $.path: message} if it is not valid
     */
    public static Study read(Path file, Function<Optional<String>, Recipe> defaults) {
        return new StudyFile(file, defaults).read();
    }
}
