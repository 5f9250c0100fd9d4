package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Layers to compute instead of parts of a unit, by the layers that they replace. */
final class Substitutes {
    /** A gate before its sigmoid, which rounds to exactly 0 or 1. */
    private static final double CLOSED = -1e4;

    private Substitutes() {}

    /**
     * Removes what a unit does beside its shortcut. A unit without a shortcut becomes the identity.
     *
     * @throws InspectionException if the unit has no shortcut and changes the shape
     */
    static Map<Layer, Layer> withoutBranch(Unit unit) {
        if (unit.hasShortcut()) {
            ResidualBlock block = unit.block().orElseThrow();
            return without(block.branch(), block, CLOSED);
        }
        Layer layer = unit.layer();
        if (!canBeIdentity(layer)) {
            throw new InspectionException(
                    "a unit without a shortcut must keep its shape to be deleted, got %s for \"%s\""
                            .formatted(shapes(layer), unit.path()));
        }
        return Map.of(layer, new IdentityBlock(layer.inputShape()));
    }

    /** Returns true if {@link #withoutBranch} has a result. */
    static boolean canLoseBranch(Unit unit) {
        return unit.hasShortcut() || canBeIdentity(unit.layer());
    }

    private static boolean canBeIdentity(Layer layer) {
        return layer.inputShapes().size() == 1 && layer.inputShapes().equals(layer.outputShapes());
    }

    /** Returns the change of shape of a layer, for people. */
    static String shapes(Layer layer) {
        return layer.inputShape() + " -> " + layer.outputShape();
    }

    /** Removes the shortcut of a unit, so that only its branch remains. Empty if it has none. */
    static Map<Layer, Layer> withoutShortcut(Unit unit) {
        if (!unit.hasShortcut()) {
            return Map.of();
        }
        ResidualBlock block = unit.block().orElseThrow();
        return without(block.shortcut(), block, -CLOSED);
    }

    private static Map<Layer, Layer> without(Layer part, ResidualBlock block, double gated) {
        Map<Layer, Layer> layers = new IdentityHashMap<>();
        layers.put(part, zero(part));
        if (block.merge() instanceof Merge.Gate gate) {
            layers.put(gate.gate(), new Constant(gate.gate(), gated));
        }
        return layers;
    }

    /** Returns a layer of zeros, in the shape of another layer's output. */
    static Layer zero(Layer layer) {
        return new Constant(layer, 0);
    }

    /** Returns one number everywhere. */
    private static final class Constant extends Layer {
        private final Layer replaced;
        private final double value;

        Constant(Layer replaced, double value) {
            super(replaced.inputShape());
            this.replaced = replaced;
            this.value = value;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape shape = outputShape(x.getShape());
            return x.getManager().full(shape, (float) value, x.getDataType());
        }

        @Override
        public Shape outputShape(Shape in) {
            return replaced.outputShapes(List.of(in)).get(0);
        }

        @Override
        public String describe() {
            return "Constant(" + value + ")";
        }
    }
}
