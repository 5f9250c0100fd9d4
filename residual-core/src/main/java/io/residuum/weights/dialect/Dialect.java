package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The names that a library gives the weights of a family of networks, and their order within: a
 * table of rules, read from JSON. Rules work in both directions. Where several are about the same
 * parameter, the first whose tensors a file has is used for reading, and the first for writing.
 *
 * @param format {@code residuum-dialect/1}
 * @param name what users call it; tables for several families may share a name
 * @param family the family of networks it is for, for people
 * @param about whose names these are, in a sentence. Default: empty
 * @param base the prefix that names have where there is a head. Default: none
 * @param rules which of their tensors are which of ours
 * @param copies their tensors that are others under a second name: tied heads. Default: none
 * @param ignored patterns of their tensors that no network needs. Default: none
 */
@Doc("The names that a library gives the weights of a family of networks.")
public record Dialect(
        String format,
        String name,
        @Default("\"\"") String family,
        @Default("\"\"") String about,
        @Default("{}") Base base,
        List<Rule> rules,
        @Default("[]") List<Copy> copies,
        @Default("[]") List<String> ignored) {

    /** The version of the tables that this library reads. */
    public static final String FORMAT = "residuum-dialect/1";

    /** The name of the names that networks have of themselves. */
    public static final String OWN = "residuum";

    /**
     * A prefix that their names have where the model has a head, and may lack where it has none.
     *
     * @param prefix the text; empty for none. Default: empty
     * @param heads patterns of names that never have it: the heads. Default: none
     */
    @Doc("A prefix of names, and the heads, which do not have it.")
    public record Base(@Default("\"\"") String prefix, @Default("[]") List<String> heads) {
        public Base {
            heads = List.copyOf(heads);
            heads.forEach(NamePattern::new);
        }
    }

    /**
     * A tensor under a second name.
     *
     * @param theirs the second name
     * @param of the name by which a rule knows it
     * @param beside a name that must be written for the second name to be written; empty for none.
     *     Default: empty
     */
    @Doc("A tensor under a second name.")
    public record Copy(String theirs, String of, @Default("\"\"") String beside) {
        public Copy {
            Check.that(
                    new NamePattern(theirs).gaps().equals(new NamePattern(of).gaps()),
                    "a copy must have the same gaps in both names, got \"%s\" of \"%s\"",
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
        Check.that(!rules.isEmpty(), "rules must not be empty");
        ignored.forEach(NamePattern::new);
    }

    /**
     * The names that networks have of themselves.
     *
     * @return a dialect of one rule
     */
    public static Dialect own() {
        TensorNames any = TensorNames.of("*");
        return new Dialect(
                FORMAT,
                OWN,
                "",
                "our own names",
                new Base("", List.of()),
                List.of(new Rule(any, any, "", RotaryOrder.SAME, "")),
                List.of(),
                List.of());
    }

    /**
     * Reads a table.
     *
     * @param file a JSON file
     * @return the dialect
     * @throws io.residuum.spec.SpecException {@code file:line: $.path: message} if it is anything
     *     else
     */
    public static Dialect read(Path file) {
        return new SpecJson(List.of()).read(file, Dialect.class);
    }

    /**
     * Reads the tables that lie beside a class.
     *
     * @param beside the class
     * @param names of resources, without {@code .json}
     * @return the dialects, in this order
     */
    public static List<Dialect> resources(Class<?> beside, String... names) {
        SpecJson json = new SpecJson(List.of());
        return List.of(names).stream()
                .map(name -> json.parse(text(beside, name + ".json"), name, Dialect.class))
                .toList();
    }

    private static String text(Class<?> beside, String resource) {
        try (InputStream in = beside.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not beside " + beside.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the dialect is called where there may be several of its name. */
    String title() {
        return family.isEmpty() ? name : name + " (" + family + ")";
    }
}
