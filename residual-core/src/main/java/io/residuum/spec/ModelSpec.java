package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A network and its input.
 *
 * @param format the version of the language, {@code residuum/1}
 * @param name the name of the network, not blank
 * @param input the input
 * @param network the layers
 * @param adapters low-rank branches on the layers' weights, each with another name. Default: none
 */
public record ModelSpec(
        String format,
        String name,
        InputSpec input,
        LayerSpec network,
        @Default(value = "[]", written = false) List<LowRank> adapters) {

    /** The version of the language that this library reads and writes. */
    public static final String FORMAT = "residuum/1";

    public ModelSpec {
        Check.that(format.equals(FORMAT), "format must be \"%s\", got \"%s\"", FORMAT, format);
        Check.that(!name.isBlank(), "name must not be blank");
        adapters = List.copyOf(adapters);
        Set<String> names = new HashSet<>();
        for (LowRank adapter : adapters) {
            Check.that(
                    names.add(adapter.name()),
                    "adapters must have different names, got \"%s\" twice: rename one",
                    adapter.name());
        }
    }

    /**
     * Creates a spec in the current format.
     *
     * @param name the name of the network, not blank
     */
    public ModelSpec(String name, InputSpec input, LayerSpec network) {
        this(FORMAT, name, input, network, List.of());
    }

    /** {@return this network with another input} */
    public ModelSpec withInput(InputSpec other) {
        return new ModelSpec(format, name, other, network, adapters);
    }

    /** {@return this network with other layers} */
    public ModelSpec withNetwork(LayerSpec other) {
        return new ModelSpec(format, name, input, other, adapters);
    }

    /** {@return this network with other low-rank branches} */
    public ModelSpec withAdapters(List<LowRank> others) {
        return new ModelSpec(format, name, input, network, others);
    }

    /**
     * {@return this network with every {@link Family} replaced by plain layers; it builds the same
     * parameters with the same names}
     */
    public ModelSpec expand() {
        return withNetwork(network.expanded());
    }

    /**
     * {@return this network with a head for another number of classes}
     *
     * @param classes the new number
     * @throws SpecException if the network has no head
     */
    public ModelSpec withClasses(int classes) {
        Check.positive("classes", classes);
        return withNetwork(network.withClasses(classes));
    }

    /**
     * {@return the number of classes of a classifier, which is the width of its first output; 0 if
     * that has positions} Each call builds the layers, so keep the number.
     */
    public long classes() {
        Shape output = newBlock().outputShape();
        return output.dimension() == 2 ? output.get(1) : 0;
    }

    /**
     * Requires that no input has the name of an output, since exported files keep both in one
     * table.
     */
    private static void requireOutputNames(Layer block) {
        for (String output : block.outputNames()) {
            Check.that(
                    !output.equals("data") && !block.sideInputs().contains(output),
                    "an output must not have the name of an input in exported files, got \"%s\":"
                            + " rename it",
                    output);
        }
    }

    /**
     * {@return the layers, not initialized, built without loading an engine}
     *
     * @throws SpecException with the path of the layer that does not fit
     */
    public Layer newBlock() {
        try {
            Build.requireBuildable("network", network.layerCount());
            List<NamedInput> inputs = input.all();
            Layer block =
                    network.newBlock(inputs.stream().map(i -> i.input().batchShape()).toList());
            if (block instanceof MultiLayer several) {
                several.readByName(inputs.stream().skip(1).map(NamedInput::sideInput).toList());
            }
            block.requireExactCounts();
            adapters.forEach(adapter -> adapter.addTo(block));
            requireOutputNames(block);
            block.walk((path, layer) -> Build.link(path, layer, block));
            return block;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw SpecException.within("network", network, e);
        }
    }
}
