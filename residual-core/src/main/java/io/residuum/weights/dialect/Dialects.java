package io.residuum.weights.dialect;

import io.residuum.nn.Layer;
import io.residuum.spec.SpecException;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The dialects there are, and the choice among them.
 *
 * @param all in the order of preference
 */
public record Dialects(List<Dialect> all) {
    private static final int CANDIDATES = 3;

    /** A dialect that explains less of a file than this is a coincidence. */
    private static final double LEAST_SHARE = 0.5;

    /** Copies the list. */
    public Dialects {
        all = List.copyOf(all);
    }

    /**
     * Our own names, and the tables of every {@link DialectProvider} on the class path.
     *
     * @return the dialects
     */
    public static Dialects standard() {
        List<Dialect> all = new ArrayList<>();
        all.add(Dialect.own());
        ServiceLoader.load(DialectProvider.class).forEach(p -> all.addAll(p.dialects()));
        return new Dialects(all);
    }

    /**
     * Finds dialects by what a user calls them.
     *
     * @param text the name of standard dialects, for instance {@code timm}, or the file of a table
     *     ({@code *.json})
     * @return one or more tables
     * @throws SpecException if there are none, or the file is not a table
     */
    public static Dialects of(String text) {
        return text.toLowerCase(Locale.ROOT).endsWith(".json")
                ? new Dialects(List.of(Dialect.read(Path.of(text))))
                : standard().named(text);
    }

    /**
     * The names that users may ask for.
     *
     * @return without repetitions
     */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        all.forEach(dialect -> names.add(dialect.name()));
        return names;
    }

    /**
     * The tables of a name.
     *
     * @param name for instance {@code timm}
     * @return one or more tables, for several families
     * @throws SpecException if there are none
     */
    public Dialects named(String name) {
        List<Dialect> found = all.stream().filter(d -> d.name().equals(name)).toList();
        if (found.isEmpty()) {
            throw new SpecException(
                    "a dialect must be a JSON file or one of %s, got \"%s\""
                            .formatted(String.join(", ", names()), name));
        }
        return new Dialects(found);
    }

    /**
     * Plans the reading of a file whose names tell which of these dialects they are.
     *
     * @param network the network's block
     * @param file the tensors
     * @return the plan; with one dialect, its plan, however little it matches
     * @throws WeightsException if the names are of no dialect for such a network, or of several
     */
    public ImportPlan plan(Layer network, StateDict file) {
        List<ImportPlan> plans =
                all.stream().map(dialect -> ImportPlan.of(dialect, network, file)).toList();
        if (plans.size() == 1) {
            return plans.get(0);
        }
        // Names decide before shapes do: a wrong shape is to be reported, not to be mistaken for
        // another dialect.
        List<ImportPlan> exact =
                plans.stream()
                        .filter(p -> p.missing().isEmpty() && p.unexpected().isEmpty())
                        .sorted(Comparator.comparing(p -> !p.wrongShapes().isEmpty()))
                        .toList();
        List<ImportPlan> best = exact.isEmpty() ? nearest(plans) : exact;
        ImportPlan chosen = best.get(0);
        boolean fits = chosen.isComplete();
        List<ImportPlan> others =
                best.stream().filter(p -> p.isComplete() == fits && !p.agrees(chosen)).toList();
        if (!others.isEmpty()) {
            throw WeightsException.in(
                    file.file(),
                    "the tensors' names are of several dialects: "
                            + titles(best)
                            + "; say which with --dialect");
        }
        return chosen;
    }

    private List<ImportPlan> nearest(List<ImportPlan> plans) {
        List<ImportPlan> sorted =
                plans.stream()
                        .sorted(Comparator.comparingDouble(Dialects::share).reversed())
                        .toList();
        double best = share(sorted.get(0));
        if (best < LEAST_SHARE) {
            throw WeightsException.in(
                    sorted.get(0).file().file(),
                    "the tensors' names are of no dialect for this network; the nearest are "
                            + titles(sorted.stream().limit(CANDIDATES).toList())
                            + "; say which with --dialect, which also takes a table of your own");
        }
        return sorted.stream().filter(p -> share(p) == best).toList();
    }

    /** How much of file and network a plan explains, in [0, 1]. */
    private static double share(ImportPlan plan) {
        double ours = known(plan) + plan.missing().size();
        double theirs = plan.file().names().size();
        return Math.min(known(plan) / ours, (theirs - plan.unexpected().size()) / theirs);
    }

    /** How many parameters the file has by name, in whatever shape. */
    private static int known(ImportPlan plan) {
        return plan.matched().size() + plan.wrongShapes().size();
    }

    private static String titles(List<ImportPlan> plans) {
        return String.join(
                ", ",
                plans.stream()
                        .map(
                                p ->
                                        "%s with %d of %d names"
                                                .formatted(
                                                        p.dialect().title(),
                                                        known(p),
                                                        known(p) + p.missing().size()))
                        .toList());
    }

    /**
     * The dialect in which a network is written.
     *
     * @param network the network's block
     * @return the first that has names for all its parameters
     * @throws WeightsException if none has
     */
    public Dialect forWriting(Layer network) {
        Set<String> paths = network.namedParameters().keySet();
        return all.stream()
                .filter(d -> new RuleTable(d).links(paths, Set.of()).size() == paths.size())
                .findFirst()
                .orElseThrow(
                        () ->
                                new WeightsException(
                                        "the dialect %s must have names for all parameters of the"
                                                        .formatted(String.join(", ", names()))
                                                + " network, found it has not"));
    }
}
