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
 * A list of dialects, which chooses one by the names in a file.
 *
 * @param all the dialects, in the order of preference
 */
public record Dialects(List<Dialect> all) {
    private static final int CANDIDATES = 3;

    /** The least share of names that a dialect must explain; fewer matches are a coincidence. */
    private static final double LEAST_SHARE = 0.5;

    public Dialects {
        all = List.copyOf(all);
    }

    /**
     * {@return our own names, and the tables of every {@link DialectProvider} on the class path}
     */
    public static Dialects standard() {
        List<Dialect> all = new ArrayList<>();
        all.add(Dialect.own());
        ServiceLoader.load(DialectProvider.class).forEach(p -> all.addAll(p.dialects()));
        return new Dialects(all);
    }

    /**
     * {@return the dialects of a name or file}
     *
     * @param text the name of standard dialects, for instance {@code timm}, or the JSON file of a
     *     table
     * @throws SpecException if there is no dialect of this name, or the file is invalid
     */
    public static Dialects of(String text) {
        return text.toLowerCase(Locale.ROOT).endsWith(".json")
                ? new Dialects(List.of(Dialect.read(Path.of(text))))
                : standard().named(text);
    }

    /** {@return the distinct names of the dialects} */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        all.forEach(dialect -> names.add(dialect.name()));
        return names;
    }

    /**
     * {@return the tables of a name, one or more, for several families}
     *
     * @param name a name, for instance {@code timm}
     * @throws SpecException if there is no dialect of this name
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
     * {@return the plan of the dialect that fits the names in a file; of a single dialect, even if
     * it does not fit}
     *
     * @param network the network's block
     * @param file the tensors
     * @throws WeightsException if no dialect fits, or several do
     */
    public ImportPlan plan(Layer network, StateDict file) {
        List<ImportPlan> plans =
                all.stream().map(dialect -> ImportPlan.of(dialect, network, file)).toList();
        if (plans.size() == 1) {
            return plans.get(0);
        }
        // Names decide before shapes: a wrong shape is an error, not a sign of another dialect.
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
                    "the tensors' names fit several dialects: "
                            + titles(best)
                            + "; choose one with --dialect");
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
                    "the tensors' names fit no dialect for this network; the nearest are "
                            + titles(sorted.stream().limit(CANDIDATES).toList())
                            + "; choose one or your own table with --dialect");
        }
        return sorted.stream().filter(p -> share(p) == best).toList();
    }

    /** {@return the share of file and network that a plan explains, in [0, 1]} */
    private static double share(ImportPlan plan) {
        double ours = known(plan) + plan.missing().size();
        double theirs = plan.file().names().size();
        return Math.min(known(plan) / ours, (theirs - plan.unexpected().size()) / theirs);
    }

    /** {@return the number of parameters with a tensor in the file, of any shape} */
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
     * {@return the first dialect that has names for all parameters of a network}
     *
     * @param network the network's block
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
                                                + " network, found some without"));
    }
}
