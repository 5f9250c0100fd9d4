package io.residuum.weights.dialect;

import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A dialect with compiled patterns. */
final class RuleTable {
    private final Dialect dialect;
    private final List<Compiled> rules;
    private final List<Copy> copies;
    private final List<NamePattern> ignored;
    private final List<NamePattern> heads;
    private final List<NamePattern> optional;

    private record Copy(NamePattern theirs, NamePattern of, String beside) {}

    /** A rule that joins the tensors of several layers, and its placeholders except the number. */
    private record Joined(Rule rule, Map<String, String> placeholders) {}

    private record Compiled(Rule rule, List<NamePattern> ours, List<NamePattern> theirs) {

        /** {@return the rule filled for a path and the paths it is joined with; empty if none} */
        Optional<TensorLink> link(String path, Set<String> paths, Map<Joined, List<String>> runs) {
            for (NamePattern pattern : ours) {
                Optional<Map<String, String>> placeholders = pattern.match(path);
                if (placeholders.isPresent()) {
                    List<String> our = ours(placeholders.get(), paths, runs);
                    if (our.contains(path) && paths.containsAll(our)) {
                        return Optional.of(link(our, placeholders.get()));
                    }
                }
            }
            return Optional.empty();
        }

        /** {@return placeholders of theirs, with a first number for one that theirs lack} */
        private Map<String, String> withNumber(Map<String, String> placeholders) {
            Map<String, String> all = new LinkedHashMap<>(placeholders);
            if (!rule.each().isEmpty()) {
                all.put(rule.each(), "0");
            }
            return all;
        }

        private List<String> ours(
                Map<String, String> placeholders,
                Set<String> paths,
                Map<Joined, List<String>> runs) {
            if (rule.each().isEmpty()) {
                return fill(ours, placeholders);
            }
            Map<String, String> others = new LinkedHashMap<>(placeholders);
            others.remove(rule.each());
            return runs.computeIfAbsent(new Joined(rule, others), run -> numbered(others, paths));
        }

        /** {@return the paths for all numbers from 0, as long as the network has them} */
        private List<String> numbered(Map<String, String> placeholders, Set<String> paths) {
            List<String> all = new ArrayList<>();
            Map<String, String> counted = new LinkedHashMap<>(placeholders);
            for (int n = 0; ; n++) {
                counted.put(rule.each(), Integer.toString(n));
                List<String> next = fill(ours, counted);
                if (!paths.containsAll(next)) {
                    return all;
                }
                all.addAll(next);
            }
        }

        /** {@return true if an owner has the parameter of a tensor} */
        private boolean owns(String name, Set<String> owners) {
            return theirs.stream()
                    .flatMap(pattern -> pattern.match(name).stream())
                    .flatMap(found -> fill(ours, withNumber(found)).stream())
                    .map(RuleTable::parent)
                    .anyMatch(owners::contains);
        }

        private TensorLink link(List<String> our, Map<String, String> placeholders) {
            String first =
                    rule.first().isEmpty() ? "" : new NamePattern(rule.first()).fill(placeholders);
            return new TensorLink(rule, our, fill(theirs, placeholders), first);
        }

        private static List<String> fill(
                List<NamePattern> patterns, Map<String, String> placeholders) {
            return patterns.stream().map(pattern -> pattern.fill(placeholders)).toList();
        }
    }

    RuleTable(Dialect dialect) {
        this.dialect = dialect;
        this.rules =
                dialect.rules().stream()
                        .map(r -> new Compiled(r, patterns(r.ours()), patterns(r.theirs())))
                        .toList();
        this.copies =
                dialect.copies().stream()
                        .map(
                                c ->
                                        new Copy(
                                                new NamePattern(c.theirs()),
                                                new NamePattern(c.of()),
                                                c.beside()))
                        .toList();
        this.ignored = dialect.ignored().stream().map(NamePattern::new).toList();
        this.optional = dialect.optional().stream().map(NamePattern::new).toList();
        this.heads = dialect.base().heads().stream().map(NamePattern::new).toList();
    }

    /**
     * {@return the paths of the layers that may own a tensor: those with parameters, and those
     * without any below them, such as tied heads}
     *
     * @param layers the paths of a network's layers
     * @param parameters the paths of its parameters
     */
    static Set<String> owners(Set<String> layers, Set<String> parameters) {
        Set<String> owners = new LinkedHashSet<>(layers);
        List<String> holders = parameters.stream().map(RuleTable::parent).toList();
        for (String holder : holders) {
            for (String path = holder; !path.isEmpty(); path = parent(path)) {
                owners.remove(parent(path));
            }
        }
        owners.addAll(holders);
        return owners;
    }

    /** {@return the path of the layer around a layer or parameter, empty for the network} */
    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    /** {@return true if a network with these layers may be written with this table} */
    boolean isFor(List<String> layers) {
        return dialect.layers().isEmpty()
                || dialect.layers().stream()
                        .map(NamePattern::new)
                        .anyMatch(pattern -> layers.stream().anyMatch(pattern::matches));
    }

    private static Optional<TensorLink> first(List<TensorLink> links, Set<String> names) {
        return links.stream().filter(link -> names.containsAll(link.theirs())).findFirst();
    }

    private static List<NamePattern> patterns(TensorNames names) {
        return names.names().stream().map(NamePattern::new).toList();
    }

    Dialect dialect() {
        return dialect;
    }

    /**
     * {@return the link of each parameter, without those that no rule matches}
     *
     * @param paths the network's parameters
     * @param constants the network's constants, which rules may join with parameters
     * @param stored the names in a file, which select among several rules; empty for writing
     * @param present these names and those of copies, which select if no rule has stored names
     */
    Map<String, TensorLink> links(
            Set<String> paths, Set<String> constants, Set<String> stored, Set<String> present) {
        Map<String, TensorLink> links = new LinkedHashMap<>();
        Set<String> all = Sets.union(paths, constants);
        // A mixture has many experts, each of which would find all others again.
        Map<Joined, List<String>> runs = new HashMap<>();
        for (String path : paths) {
            if (links.containsKey(path)) {
                continue;
            }
            List<TensorLink> candidates = candidates(path, all, runs);
            first(candidates, stored)
                    .or(() -> first(candidates, present))
                    .or(() -> candidates.stream().findFirst())
                    .ifPresent(link -> link.ours().forEach(our -> links.put(our, link)));
        }
        return links;
    }

    /** {@return the links of constants by rules that name them, without those of parameters} */
    List<TensorLink> linksOfConstants(Set<String> constants) {
        return rules.stream()
                .filter(rule -> !rule.rule().ours().names().get(0).contains("*"))
                .flatMap(
                        rule ->
                                constants.stream()
                                        .flatMap(
                                                c ->
                                                        rule
                                                                .link(c, constants, new HashMap<>())
                                                                .stream()))
                .toList();
    }

    /** {@return the links of a path by all rules that match it, in order} */
    List<TensorLink> candidates(String path, Set<String> paths) {
        return candidates(path, paths, new HashMap<>());
    }

    private List<TensorLink> candidates(
            String path, Set<String> paths, Map<Joined, List<String>> runs) {
        return rules.stream().flatMap(rule -> rule.link(path, paths, runs).stream()).toList();
    }

    /** {@return the name in a rule of a tensor given by its second name} */
    Optional<String> original(String name) {
        return copies.stream()
                .flatMap(copy -> copy.theirs.match(name).map(copy.of::fill).stream())
                .findFirst();
    }

    List<String> copiesOf(String name) {
        return copies.stream()
                .flatMap(copy -> copy.of.match(name).map(copy.theirs::fill).stream())
                .toList();
    }

    /**
     * {@return the second names to write for a tensor}
     *
     * @param owners the {@link #owners} of the network
     * @param written the names written so far
     */
    List<String> copiesOf(String name, Set<String> owners, Set<String> written) {
        return copies.stream()
                .filter(copy -> copy.beside.isEmpty() || written.contains(copy.beside))
                .flatMap(copy -> copy.of.match(name).map(copy.theirs::fill).stream())
                .filter(copy -> !isOfAbsentHead(copy, owners, written))
                .toList();
    }

    /** {@return true if some pattern of theirs has a tensor's name; others are unexpected} */
    boolean knows(String name) {
        String bare = withoutPrefix(name);
        return rules.stream().anyMatch(rule -> matches(rule.theirs, bare))
                || copies.stream().anyMatch(c -> c.theirs.matches(bare) || c.of.matches(bare))
                || matches(ignored, bare)
                || matches(optional, bare);
    }

    private static boolean matches(List<NamePattern> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    boolean ignores(String name) {
        return matches(ignored, name);
    }

    /**
     * {@return true if a tensor belongs to a head that a network lacks}
     *
     * @param name the tensor
     * @param owners the {@link #owners} of the network
     * @param present the tensors that the network uses
     */
    boolean isOfAbsentHead(String name, Set<String> owners, Set<String> present) {
        return matches(optional, name)
                && rules.stream().noneMatch(rule -> rule.owns(name, owners))
                && copies.stream()
                        .filter(copy -> !copy.beside.isEmpty())
                        .noneMatch(
                                copy -> copy.theirs.matches(name) && present.contains(copy.beside));
    }

    private boolean isHead(String name) {
        return matches(heads, name);
    }

    String withoutPrefix(String name) {
        String prefix = dialect.base().prefix();
        return name.startsWith(prefix) && !isHead(name) ? name.substring(prefix.length()) : name;
    }

    /** {@return the names of a file by their form without the prefix, which heads never have} */
    Map<String, String> withoutPrefix(Set<String> names) {
        Map<String, String> stripped = new LinkedHashMap<>();
        names.forEach(name -> stripped.put(withoutPrefix(name), name));
        return stripped;
    }

    /** {@return the names to write: with the prefix always, or if one of them is a head} */
    Map<String, String> withPrefix(Set<String> names) {
        boolean prefixed = dialect.base().always() || names.stream().anyMatch(this::isHead);
        Map<String, String> written = new LinkedHashMap<>();
        for (String name : names) {
            written.put(name, prefixed && !isHead(name) ? dialect.base().prefix() + name : name);
        }
        return written;
    }
}
