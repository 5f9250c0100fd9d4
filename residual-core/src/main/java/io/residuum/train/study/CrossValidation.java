package io.residuum.train.study;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;

/**
 * Cross-validation (Stone 1974): trains one network for each part of the data, and tests it on that
 * part once.
 *
 * @param folds the test results, in order
 */
public record CrossValidation(List<Metrics.Test> folds) {

    /**
     * Mean and sample standard deviation over the folds.
     *
     * @param mean the mean
     * @param deviation the deviation
     */
    public record Spread(double mean, double deviation) {
        static Spread of(double[] values) {
            double mean = DoubleStream.of(values).average().orElseThrow();
            double squares = DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
            return new Spread(mean, Math.sqrt(squares / (values.length - 1)));
        }
    }

    private record Table(List<Metrics.Test> folds, Map<String, Spread> measures) {}

    public CrossValidation {
        folds = List.copyOf(folds);
        Check.that(folds.size() >= 2, "folds must be 2 or more, got %s", folds.size());
    }

    /**
     * Trains in the folders {@code fold-1}, {@code fold-2} and so on, and writes {@code
     * crossvalidation.json}. A fold that was finished before is not trained again, one that was
     * stopped is resumed.
     *
     * @param tasks the task of each fold, with test data
     * @param networks creates the network of a fold, with its initial weights
     * @param recipe the recipe of all folds
     * @param folder the folder; created if absent
     * @param listener receives the progress of each fold
     * @return the results
     * @throws TrainingException.Stopped if a fold was asked to stop
     * @throws TrainingException as {@link Trainer} does, or if a fold has no test data
     */
    public static CrossValidation run(
            List<? extends Task> tasks,
            Supplier<Network> networks,
            Recipe recipe,
            Path folder,
            ProgressListener listener) {
        try (FolderLock lock = lock(folder, listener)) {
            List<Metrics.Test> results = new ArrayList<>();
            for (Task task : tasks) {
                Path path = fold(folder, results.size() + 1);
                try (Network network = networks.get()) {
                    Trainer trainer = new Trainer(network, recipe, task, path, listener);
                    Trainer.Result result = trainer.startOrResume();
                    if (result.outcome() == Trainer.Outcome.STOPPED) {
                        throw new TrainingException.Stopped(
                                path
                                        + " must be trained to its end, but was asked to stop:"
                                        + " resume it");
                    }
                    Metrics.Test test = result.test();
                    if (test == null) {
                        throw new TrainingException(
                                "each fold must be tested, but %s has no test data: give each task some"
                                        .formatted(path));
                    }
                    results.add(test);
                }
            }
            CrossValidation all = new CrossValidation(results);
            AtomicFiles.writeText(folder.resolve("crossvalidation.json"), all.json());
            return all;
        }
    }

    /** Keeps other processes out, also between two folds. */
    private static FolderLock lock(Path folder, ProgressListener listener) {
        try {
            return FolderLock.create(folder, listener::note);
        } catch (IOException e) {
            throw new TrainingException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Path fold(Path folder, int number) {
        return folder.resolve("fold-" + number);
    }

    /**
     * {@return true if a folder has the run of a fold}
     *
     * @param folder the folder of {@link #run}
     */
    public static boolean holdsRun(Path folder) {
        return Files.exists(fold(folder, 1));
    }

    /**
     * {@return mean and deviation of each measure that all folds have: {@code loss}, {@code
     * accuracy}, then those of the task}
     */
    public Map<String, Spread> spreads() {
        Map<String, Spread> spreads = new LinkedHashMap<>();
        List<Map<String, Double>> all = folds.stream().map(CrossValidation::measures).toList();
        for (String name : all.get(0).keySet()) {
            if (all.stream().allMatch(measures -> measures.containsKey(name))) {
                spreads.put(name, Spread.of(all.stream().mapToDouble(m -> m.get(name)).toArray()));
            }
        }
        return spreads;
    }

    /**
     * {@return the measures of one fold by name}
     *
     * @param fold a test result
     */
    public static Map<String, Double> measures(Metrics.Test fold) {
        Map<String, Double> measures = new LinkedHashMap<>();
        if (fold.loss() != null) {
            measures.put("loss", fold.loss());
        }
        if (fold.accuracy() != null) {
            measures.put("accuracy", fold.accuracy());
        }
        fold.measures().forEach(m -> measures.put(m.name(), m.value()));
        return measures;
    }

    /** {@return all numbers, as {@code crossvalidation.json} has them} */
    public String json() {
        return new SpecJson(List.of()).writeAll(new Table(folds, spreads()));
    }
}
