package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The description of a layer: an immutable record that its constructor validates, and that builds
 * the layer.
 *
 * <p>A record in any jar may implement this interface; a {@link RecordProvider} registers it for
 * JSON. In JSON an array of layers stands for an unnamed {@link Sequential}.
 */
public interface LayerSpec {

    /**
     * {@return the name in the paths of this layer's parameters; empty (the default) lets the
     * parent choose}
     */
    String name();

    /**
     * {@return the layer for an input shape, not initialized, built without loading an engine}
     *
     * @param input the shape of the first input, with batch -1: {@code (-1, C, H, W)}, {@code (-1,
     *     T, C)} or {@code (-1, C)}
     * @throws SpecException if the layer does not accept this shape
     */
    Layer newBlock(Shape input);

    /**
     * {@return the layer for the shapes of several inputs} Only a {@link SeveralInputs} accepts
     * more than one.
     *
     * @param inputs the shapes of the inputs, with batch -1
     * @throws SpecException if the layer does not accept these shapes
     */
    default Layer newBlock(List<Shape> inputs) {
        return newBlock(requireOne(inputs));
    }

    /**
     * {@return the only shape}
     *
     * @param inputs the shapes of the inputs
     * @throws SpecException if there are several
     */
    static Shape requireOne(List<Shape> inputs) {
        Check.that(
                inputs.size() == 1,
                "the layer must read one value, got %s (%s): name one in \"from\", or join them"
                        + " with add, multiply or concat",
                inputs.size(),
                Shapes.text(inputs));
        return inputs.get(0);
    }

    /** {@return the names of values of the graph around it that it reads after its inputs} */
    default List<String> reads() {
        return List.of();
    }

    /** {@return the number of layers to build, about; counted without building them} */
    default long layerCount() {
        return 1;
    }

    /**
     * {@return this layer with changed layers in it; itself by default, without any}
     *
     * @param change changes each layer that is directly in this one
     */
    default LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return this;
    }

    /** {@return this layer with every {@link Family} in it replaced by plain layers} */
    default LayerSpec expanded() {
        return withLayers(LayerSpec::expanded);
    }

    /**
     * {@return this layer for its place in a stack of equal ones} Settings that depend on the depth
     * of a unit, such as a scale by depth, become constants.
     *
     * @param unit the index in the stack, from 0
     * @param units the number of layers in the stack
     */
    default LayerSpec atDepth(int unit, int units) {
        return withLayers(layer -> layer.atDepth(unit, units));
    }

    /**
     * {@return this layer with a head for another number of classes}
     *
     * @param classes the new number
     * @throws SpecException if this layer has no head
     */
    default LayerSpec withClasses(int classes) {
        throw new SpecException(
                "the network must end in a linear layer or be a family with a head, got "
                        + getClass().getSimpleName()
                        + "; edit the spec");
    }

    /**
     * {@return this layer with more units at the end of one of its parts; the other units keep
     * their names}
     *
     * @param part the path of the part, for instance {@code stage2}; empty for this layer
     * @param added the number of units to add
     * @throws SpecException if the part has no units that can be counted
     */
    default LayerSpec deepened(String part, int added) {
        throw new SpecException(
                "units can be added to stages and blocks of families, to repeat, and to sequential"
                        + " with unnamed layers, got "
                        + getClass().getSimpleName()
                        + (part.isEmpty() ? "" : " without \"" + part + "\""));
    }

    /**
     * {@return this layer with another number of outputs, or of hidden units if it is several maps}
     *
     * @param width the number
     * @throws SpecException if this layer has no such number
     */
    default LayerSpec widened(int width) {
        throw new SpecException(
                "linear layers, convolutions without groups and feed-forward networks can be"
                        + " widened, got "
                        + getClass().getSimpleName());
    }

    /**
     * {@return this layer with one layer below it changed}
     *
     * @param path the path of the other layer, as in the paths of parameters; empty for this one
     * @param change changes it
     * @throws SpecException if there is no layer at the path
     */
    default LayerSpec changedAt(String path, UnaryOperator<LayerSpec> change) {
        if (path.isEmpty()) {
            return change.apply(this);
        }
        int dot = path.indexOf('.');
        String first = dot < 0 ? path : path.substring(0, dot);
        String rest = dot < 0 ? "" : path.substring(dot + 1);
        List<String> names = new ArrayList<>();
        LayerSpec changed =
                withLayers(
                        layer -> {
                            String name = Build.nameOf(layer, names.size());
                            names.add(name);
                            return name.equals(first) ? layer.changedAt(rest, change) : layer;
                        });
        Check.that(
                names.contains(first),
                "the part \"%s\" of %s must be one of %s: other layers are not in the spec",
                first,
                getClass().getSimpleName(),
                names);
        return changed;
    }

    /**
     * {@return an unnamed sequential, the short form in JSON}
     *
     * @param layers the layers, in order
     */
    @Shorthand
    static LayerSpec sequence(List<LayerSpec> layers) {
        return new Sequential("", layers);
    }
}
