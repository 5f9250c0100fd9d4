package io.residuum.train.study;

import io.residuum.files.AtomicFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.RecordDiff;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a study that decide its results, {@code plan.json} in its folder.
 *
 * @param data the data as the command line names them; null if the caller decides
 * @param variants the variants in order
 * @param seeds the seeds in order
 * @param search the search; null for none
 */
record StudyPlan(
        @Nullable String data, List<Entry> variants, List<Long> seeds, @Nullable Search search) {
    static final String FILE = "plan.json";
    private static final SpecJson JSON = SpecJson.standard();

    /**
     * A variant.
     *
     * @param name its name
     * @param model the network as the study file has it, without the changes that the data need
     * @param weights the file of the initial weights; null for random ones
     * @param recipe the recipe
     */
    record Entry(String name, ModelSpec model, @Nullable String weights, Recipe recipe) {
        static Entry of(Variant variant) {
            return new Entry(
                    variant.name(),
                    variant.model().spec(),
                    variant.model().weights().map(Path::toString).orElse(null),
                    variant.recipe());
        }
    }

    StudyPlan {
        variants = List.copyOf(variants);
        seeds = List.copyOf(seeds);
    }

    static StudyPlan of(Study study) {
        return new StudyPlan(
                study.data(),
                study.variants().stream().map(Entry::of).toList(),
                study.seeds(),
                study.search());
    }

    static StudyPlan read(Path folder) {
        return JSON.read(folder.resolve(FILE), StudyPlan.class);
    }

    void write(Path folder) {
        AtomicFiles.writeText(folder.resolve(FILE), JSON.write(this));
    }

    /**
     * Checks that another plan can continue this one: it may add variants and seeds, except to
     * successive halving, which would have chosen between other runs.
     */
    void requireContinued(StudyPlan now, Path folder) {
        List<String> differences = new ArrayList<>();
        if (data != null && !data.equals(now.data)) {
            differences.add("data is %s in the folder and %s now".formatted(data, now.data));
        }
        Map<String, Entry> present = new LinkedHashMap<>();
        now.variants.forEach(entry -> present.put(entry.name, entry));
        for (Entry entry : variants) {
            Entry other = present.remove(entry.name);
            if (other == null) {
                differences.add(
                        "variant \"%s\" is in the folder and not now".formatted(entry.name));
            } else {
                RecordDiff.between(entry, other, "folder")
                        .forEach(d -> differences.add("\"%s\": %s".formatted(entry.name, d)));
            }
        }
        if (!now.seeds.containsAll(seeds)) {
            differences.add("seeds are %s in the folder and %s now".formatted(seeds, now.seeds));
        }
        boolean random = search instanceof Search.Random && now.search instanceof Search.Random;
        if (!random) {
            RecordDiff.between(search, now.search, "folder")
                    .forEach(d -> differences.add("search: " + d));
        }
        if (search instanceof Search.SuccessiveHalving && !now.seeds.equals(seeds)) {
            differences.add("successive halving cannot add seeds");
        }
        if (!differences.isEmpty()) {
            throw new TrainingException(
                    "%s: resuming a study needs its settings, but %s. Undo the changes, or use another folder; variants and seeds may be added"
                            .formatted(folder, String.join("; ", differences)));
        }
    }
}
