package io.residuum.spec;

import io.residuum.nn.Layer;

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

    /**
     * Returns this network as plain layers: every {@link Family} is expanded.
     *
     * @return a spec that builds the same parameters under the same names
     */
    public ModelSpec expand() {
        return new ModelSpec(format, name, input, network.expanded());
    }

    /**
     * Returns this network with a head for another number of classes.
     *
     * @param classes the new number
     * @return a new spec
     * @throws SpecException if the network has no head
     */
    public ModelSpec withClasses(int classes) {
        Check.positive("classes", classes);
        return new ModelSpec(format, name, input, network.withClasses(classes));
    }

    /**
     * Builds the block, without loading an engine.
     *
     * @return a block that is not yet initialized
     * @throws SpecException with the path of the layer that does not fit
     */
    public Layer newBlock() {
        try {
            Layer block = network.newBlock(input.batchShape());
            block.walk((path, layer) -> Build.link(path, layer, block));
            return block;
        } catch (IllegalArgumentException e) {
            throw SpecException.within("network", network, e);
        }
    }
}
