package io.residuum.weights.dialect;

import io.residuum.files.JarText;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Key;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Gguf;
import io.residuum.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A library's names for the weights of a family of networks: a table of rules in JSON. Rules work
 * in both directions. If several match a parameter, reading uses the first whose tensors are in the
 * file, and writing uses the first.
 *
 * @param format {@code residuum-dialect/1}
 * @param name the name for users; tables for several families may share it
 * @param family the family of networks, for people
 * @param about the origin of the names, in a sentence. Default: empty
 * @param parent the name of standard dialects, in JSON {@code extends}. Each of them with the same
 *     family, or each if the family is empty, is extended by this table, whose rules come first.
 *     Default: empty, for none
 * @param base the prefix of names in models with a head. Default: none
 * @param rules the rules
 * @param copies second names of their tensors, as tied heads have. Default: none
 * @param ignored patterns of their tensors that no network needs. A second name among them is
 *     written, but its values in a file are not compared. Default: none
 * @param optional patterns of their tensors that belong to heads, without the prefix. A network
 *     without the head leaves them out. Default: none
 * @param layers patterns of layers, one of which a network has to have to be written with this
 *     table. Default: none, for any network
 * @param architectures the values of {@code general.architecture} that a GGUF file may have to be
 *     read with this table, which then writes none. Default: none, for any file
 */
public record Dialect(
        String format,
        String name,
        @Default("\"\"") String family,
        @Default("\"\"") String about,
        @Key("extends") @Default("\"\"") String parent,
        @Default("{}") Base base,
        @Default("[]") List<Rule> rules,
        @Default("[]") List<Copy> copies,
        @Default("[]") List<String> ignored,
        @Default("[]") List<String> optional,
        @Default("[]") List<String> layers,
        @Default("[]") List<String> architectures) {

    /** The supported version of the format. */
    public static final String FORMAT = "residuum-dialect/1";

    /** The name of the dialect of our own names. */
    public static final String OWN = "residuum";

    /**
     * A prefix of their names, required in models with a head and optional in others.
     *
     * @param prefix the prefix; empty for none. Default: empty
     * @param heads patterns of the head's names, which never have it. Default: none
     * @param always true to write models without a head with it, too. Default: false
     */
    public record Base(
            @Default("\"\"") String prefix,
            @Default("[]") List<String> heads,
            @Default("false") boolean always) {
        public Base {
            heads = List.copyOf(heads);
            heads.forEach(NamePattern::new);
        }
    }

    /**
     * A second name of a tensor.
     *
     * @param theirs the second name
     * @param of the name that a rule uses
     * @param beside a name; the second name is written only if this name is. Empty for always.
     *     Default: empty
     */
    public record Copy(String theirs, String of, @Default("\"\"") String beside) {
        public Copy {
            Check.that(
                    new NamePattern(theirs)
                            .placeholders()
                            .equals(new NamePattern(of).placeholders()),
                    "a copy must have the same placeholders in both names, got \"%s\" of \"%s\"",
                    theirs,
                    of);
        }
    }

    public Dialect {
        Check.that(
                format.equals(FORMAT),
                "format of a dialect must be \"%s\", got \"%s\"",
                FORMAT,
                format);
        Check.that(!name.isBlank(), "name must not be blank");
        rules = List.copyOf(rules);
        copies = List.copyOf(copies);
        ignored = List.copyOf(ignored);
        optional = List.copyOf(optional);
        layers = List.copyOf(layers);
        architectures = List.copyOf(architectures);
        Check.that(
                !rules.isEmpty() || !parent.isEmpty(),
                "rules must not be empty in a table that extends no other");
        ignored.forEach(NamePattern::new);
        optional.forEach(NamePattern::new);
        layers.forEach(NamePattern::new);
    }

    /** {@return the dialect of our own names, with one rule} */
    public static Dialect own() {
        TensorNames any = TensorNames.of("*");
        return of(OWN, "", "our own names", List.of(Rule.renaming(any, any)), List.of());
    }

    /**
     * {@return a table of rules}
     *
     * @param name the name for users
     * @param family the family of networks
     * @param about the origin of the names
     * @param ignored patterns of their tensors that no network needs
     */
    public static Dialect of(
            String name, String family, String about, List<Rule> rules, List<String> ignored) {
        return new Dialect(
                FORMAT,
                name,
                family,
                about,
                "",
                new Base("", List.of(), false),
                rules,
                List.of(),
                ignored,
                List.of(),
                List.of(),
                List.of());
    }

    /**
     * {@return this table with everything of another one after its own}
     *
     * @param other the other table
     */
    public Dialect extending(Dialect other) {
        return new Dialect(
                format,
                name,
                family.isEmpty() ? other.family : family,
                about.isEmpty() ? other.about : about,
                "",
                base.prefix().isEmpty() && base.heads().isEmpty() ? other.base : base,
                joined(rules, other.rules),
                joined(copies, other.copies),
                joined(ignored, other.ignored),
                joined(optional, other.optional),
                joined(layers, other.layers),
                architectures.isEmpty() ? other.architectures : architectures);
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /**
     * {@return the tables in the resources of a class}
     *
     * @param names the names of the resources, without {@code .json}; a table may extend a resource
     *     before it, by its name
     */
    public static List<Dialect> resources(Class<?> beside, String... names) {
        SpecJson json = new SpecJson(List.of());
        Map<String, Dialect> tables = new LinkedHashMap<>();
        for (String name : names) {
            Dialect table = json.parse(JarText.read(beside, name + ".json"), name, Dialect.class);
            Dialect parent = tables.get(table.parent);
            tables.put(name, parent == null ? table : table.extending(parent));
        }
        return List.copyOf(tables.values());
    }

    /** {@return true if the names in a file may be those of this table} */
    boolean isFor(StateDict file) {
        return architectures.isEmpty()
                || architectures.contains(file.metadata().getOrDefault(Gguf.ARCHITECTURE, ""));
    }

    /** {@return the name with the family, which distinguishes tables of one name} */
    public String title() {
        return family.isEmpty() ? name : name + " (" + family + ")";
    }
}
