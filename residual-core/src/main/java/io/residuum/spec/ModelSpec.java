package io.residuum.spec;

/**
 * A whole network: what it reads and what it computes.
 *
 * @param format the version of the language, {@code residuum/1}
 * @param name what to call it
 * @param input what it reads
 * @param network what it computes
 */
@Doc("A network: what it reads and what it computes.")
public record ModelSpec(String format, String name, InputSpec input, LayerSpec network) {

    /** The version of the language that this library reads and writes. */
    public static final String FORMAT = "residuum/1";

    /** Checks the parts. */
    public ModelSpec {
        Check.that(format.equals(FORMAT), "format must be \"%s\", got \"%s\"", FORMAT, format);
        Check.that(!name.isBlank(), "name must not be blank");
    }

    /**
     * Creates a spec in the current format.
     *
     * @param name what to call it
     * @param input what it reads
     * @param network what it computes
     */
    public ModelSpec(String name, InputSpec input, LayerSpec network) {
        this(FORMAT, name, input, network);
    }
}
