package io.residuum.weights.dialect;

import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.nn.Layer;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Gguf;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

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
                ? read(Path.of(text))
                : standard().named(text);
    }

    /**
     * {@return the table in a file; one for each standard table that it extends}
     *
     * @param file a JSON file
     * @throws SpecException {@code file:line: $.path: message} if it is invalid, or extends a
     *     dialect that does not exist
     */
    public static Dialects read(Path file) {
        Dialect table = new SpecJson(List.of()).read(file, Dialect.class);
        if (table.parent().isEmpty()) {
            return new Dialects(List.of(table));
        }
        try {
            return standard().named(table.parent()).extendedBy(table);
        } catch (SpecException e) {
            int line = JsonReader.read(file).get("extends").line();
            JsonPath path = JsonPath.root(file.toString()).key("extends");
            throw new SpecException(path.error(line, String.valueOf(e.getMessage()), e));
        }
    }

    private Dialects extendedBy(Dialect table) {
        String family = table.family();
        List<Dialect> parents =
                all.stream().filter(d -> family.isEmpty() || d.family().equals(family)).toList();
        if (parents.isEmpty()) {
            throw new SpecException(
                    "family must be empty or one of %s, got \"%s\""
                            .formatted(
                                    all.stream().map(Dialect::family).distinct().toList(), family));
        }
        return new Dialects(parents.stream().map(table::extending).toList());
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
     * {@return a copy that tries the dialects of a title first}
     *
     * @param title a {@linkplain Dialect#title() title}
     */
    public Dialects preferring(String title) {
        Comparator<Dialect> order = Comparator.comparing(d -> !d.title().equals(title));
        return new Dialects(all.stream().sorted(order).toList());
    }

    /**
     * {@return the plan of the dialect that fits the names in a file; of a single dialect, even if
     * it does not fit} A prefix that all names have is removed if the names fit without it.
     *
     * @param network the network's block
     * @param file the tensors
     * @throws WeightsException if no dialect fits, or several do
     */
    public ImportPlan plan(Layer network, StateDict file) {
        DialectSearch search = new DialectSearch(fitting(file), NetworkTensors.of(network));
        List<ImportPlan> best = search.exact(file);
        if (!best.isEmpty()) {
            return chosen(best);
        }
        // The network may be a part of the module that was saved.
        List<StateDict> views =
                ModulePrefixes.common(file.names()).stream().map(file::strip).toList();
        best = views.stream().flatMap(view -> search.exact(view).stream()).toList();
        if (!best.isEmpty()) {
            return chosen(best);
        }
        Optional<String> inner =
                ModulePrefixes.some(file.names()).stream()
                        .filter(p -> !search.exact(file.select(p)).isEmpty())
                        .findFirst()
                        .map("the names fit with --prefix "::concat);
        List<StateDict> files = Stream.concat(Stream.of(file), views.stream()).toList();
        ImportPlan chosen =
                all.size() == 1 ? search.first(file) : chosen(nearest(search, files, inner));
        inner.ifPresent(chosen::suggest);
        return chosen;
    }

    private List<Dialect> fitting(StateDict file) {
        List<Dialect> fitting = all.stream().filter(dialect -> dialect.isFor(file)).toList();
        if (fitting.isEmpty()) {
            throw WeightsException.in(
                    file.file(),
                    "the dialect %s is for GGUF files with %s %s, found \"%s\""
                            .formatted(
                                    String.join(", ", names()),
                                    Gguf.ARCHITECTURE,
                                    all.stream().flatMap(d -> d.architectures().stream()).toList(),
                                    file.metadata().getOrDefault(Gguf.ARCHITECTURE, "")));
        }
        return fitting;
    }

    private static ImportPlan chosen(List<ImportPlan> best) {
        ImportPlan chosen = best.get(0);
        boolean fits = chosen.wrongShapes().isEmpty();
        List<ImportPlan> others =
                best.stream()
                        .filter(p -> p.wrongShapes().isEmpty() == fits && !p.agrees(chosen))
                        .toList();
        if (!others.isEmpty()) {
            throw WeightsException.in(
                    chosen.file().file(),
                    "the tensors' names fit several dialects: "
                            + titles(best)
                            + "; choose one with --dialect");
        }
        return chosen;
    }

    private static List<ImportPlan> nearest(
            DialectSearch search, List<StateDict> files, Optional<String> remedy) {
        List<ImportPlan> best = search.nearest(files, LEAST_SHARE, CANDIDATES);
        if (DialectSearch.share(best.get(0)) < LEAST_SHARE) {
            throw WeightsException.in(
                    best.get(0).file().file(),
                    "the tensors' names fit no dialect for this network; the nearest are "
                            + titles(best)
                            + "; "
                            + remedy.orElse("choose one or your own table with --dialect"));
        }
        return best;
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
                                                        DialectSearch.known(p),
                                                        DialectSearch.known(p)
                                                                + p.missing().size()))
                        .toList());
    }

    /**
     * {@return the first dialect that is for the layers of a network and has names for all its
     * parameters}
     *
     * @param network the network's block
     * @throws WeightsException if none has
     */
    public Dialect forWriting(Layer network) {
        Set<String> paths = network.namedParameters().keySet();
        Set<String> constants = TensorRows.constants(network).keySet();
        List<String> layers = new ArrayList<>();
        network.walk((path, layer) -> layers.add(path));
        return all.stream()
                .filter(dialect -> dialect.architectures().isEmpty())
                .map(RuleTable::new)
                .filter(t -> t.isFor(layers))
                .filter(
                        t ->
                                t.links(paths, constants, Set.of(), Set.of())
                                        .keySet()
                                        .containsAll(paths))
                .map(RuleTable::dialect)
                .findFirst()
                .orElseThrow(
                        () ->
                                new WeightsException(
                                        "the dialect %s must have names for all parameters of the"
                                                        .formatted(String.join(", ", names()))
                                                + " network, found some without"));
    }
}
