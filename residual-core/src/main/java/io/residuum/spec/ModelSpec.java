package io.residuum.spec;

import io.residuum.nn.Layer;

/**
 * A network and its input.
 *
 * @param format the version of the language, {@code residuum/1}
 * @param name the name of the network, not blank
 * @param input the input
 * @param network the layers
 */
@Doc("A network and its input.")
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
     * @param name the name of the network, not blank
     * @param input the input
     * @param network the layers
     */
    public ModelSpec(String name, InputSpec input, LayerSpec network) {
        this(FORMAT, name, input, network);
    }

    /**
     * {@return this network with every {@link Family} replaced by plain layers; it builds the same
     * parameters with the same names}
     */
    public ModelSpec expand() {
        return new ModelSpec(format, name, input, network.expanded());
    }

    /**
     * {@return this network with a head for another number of classes}
     *
     * @param classes the new number
     * @throws SpecException if the network has no head
     */
    public ModelSpec withClasses(int classes) {
        Check.positive("classes", classes);
        return new ModelSpec(format, name, input, network.withClasses(classes));
    }

    /**
     * {@return the layers, not initialized, built without loading an engine}
     *
     * @throws SpecException with the path of the layer that does not fit
     */
    public Layer newBlock() {
        try {
            Build.requireBuildable("network", network.layerCount());
            Layer block = network.newBlock(input.batchShape());
            block.requireExactCounts();
            block.walk((path, layer) -> Build.link(path, layer, block));
            return block;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw SpecException.within("network", network, e);
        }
    }
}
