package io.residuum.weights.dialect;

import io.residuum.weights.StateDict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Finds the dialects that fit the names in a file best. Counts the names that a table knows first,
 * and plans only for tables that may win: a plan is large, and most tables know few of the names.
 */
final class DialectSearch {
    /** The number of names that decide in which order tables are compared. */
    private static final int SAMPLE = 50;

    private static final Comparator<ImportPlan> SHAPES =
            Comparator.comparing(plan -> !plan.wrongShapes().isEmpty());

    private final List<RuleTable> tables;
    private final NetworkTensors network;

    /** A table and a view of the file, with the part of a sample that the table knows. */
    private record Candidate(RuleTable table, StateDict file, double sample) {
        private static Candidate of(RuleTable table, StateDict file) {
            Set<String> names = file.names();
            int step = Math.max(1, names.size() / SAMPLE);
            int[] at = {0};
            List<String> some = names.stream().filter(name -> at[0]++ % step == 0).toList();
            long known = some.stream().filter(table::knows).count();
            return new Candidate(table, file, known / (double) some.size());
        }

        /**
         * {@return false if a plan would explain a smaller share of the names than some share, or
         * none of them}
         */
        private boolean mayReach(double share) {
            int names = file.names().size();
            // Rounded up, so that a plan of exactly this share stays.
            long unknown = Math.min(names, (long) Math.ceil((1 - share) * names) + 1);
            return file.names().stream().filter(name -> !table.knows(name)).limit(unknown).count()
                    < unknown;
        }
    }

    /**
     * Creates a search.
     *
     * @param dialects the dialects, in the order of preference
     * @param network the parameters of the network
     */
    DialectSearch(List<Dialect> dialects, NetworkTensors network) {
        this.tables = dialects.stream().map(RuleTable::new).toList();
        this.network = network;
    }

    /** {@return the plan of the first dialect} */
    ImportPlan first(StateDict file) {
        return ImportPlan.of(tables.get(0), network, file);
    }

    /**
     * {@return the different plans by which every parameter has tensors and every tensor a use, in
     * the order of preference} Names decide before shapes: a wrong shape is an error, not a sign of
     * another dialect. So plans with wrong shapes are last.
     */
    List<ImportPlan> exact(StateDict file) {
        List<ImportPlan> plans = new ArrayList<>();
        tables.stream()
                .filter(table -> file.names().stream().allMatch(table::knows))
                .map(table -> ImportPlan.of(table, network, file))
                .filter(p -> p.missing().isEmpty() && p.unexpected().isEmpty())
                .forEach(plan -> addNew(plans, plan));
        plans.sort(SHAPES);
        return plans;
    }

    private static void addNew(List<ImportPlan> plans, ImportPlan plan) {
        if (plans.stream().noneMatch(p -> p.agrees(plan) && share(p) == share(plan))) {
            plans.add(plan);
        }
    }

    /**
     * {@return the different plans that explain the largest share of file and network, and if that
     * is less than a share, the next ones; the best first}
     *
     * @param files views of the file
     * @param least a share of names
     * @param count the number of plans if none explains the least share
     */
    List<ImportPlan> nearest(List<StateDict> files, double least, int count) {
        List<Candidate> candidates =
                files.stream()
                        .flatMap(file -> tables.stream().map(table -> Candidate.of(table, file)))
                        .sorted(Comparator.comparingDouble(Candidate::sample).reversed())
                        .toList();
        List<ImportPlan> best = new ArrayList<>();
        for (Candidate candidate : candidates) {
            if (best.isEmpty() || candidate.mayReach(worst(best, least, count))) {
                addNew(best, ImportPlan.of(candidate.table, network, candidate.file));
                best.sort(
                        Comparator.comparingDouble(DialectSearch::share)
                                .reversed()
                                .thenComparing(SHAPES));
                double enough = worst(best, least, count);
                best.removeIf(plan -> share(plan) < enough);
            }
        }
        return best;
    }

    /** {@return the share that a further plan must explain} */
    private static double worst(List<ImportPlan> best, double least, int count) {
        if (best.isEmpty()) {
            return 0;
        }
        double first = share(best.get(0));
        return first >= least ? first : best.size() < count ? 0 : share(best.get(count - 1));
    }

    /** {@return the share of file and network that a plan explains, in [0, 1]} */
    static double share(ImportPlan plan) {
        double ours = known(plan) + plan.missing().size();
        double theirs = Math.max(1, plan.file().names().size());
        return Math.min(known(plan) / ours, (theirs - plan.unexpected().size()) / theirs);
    }

    /** {@return the number of parameters with a tensor in the file, of any shape} */
    static int known(ImportPlan plan) {
        return plan.matched().size() + plan.wrongShapes().size();
    }
}
