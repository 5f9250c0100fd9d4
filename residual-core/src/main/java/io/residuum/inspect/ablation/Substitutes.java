package io.residuum.inspect.ablation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Unit;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Layers to compute instead of parts of a unit, by the layers that they replace. */
final class Substitutes {
    /** Gates before their sigmoid, which rounds to exactly 0 or 1. */
    private static final double CLOSED = -1e4;

    private static final double OPEN = 1e4;

    private Substitutes() {}

    /**
     * Removes what a unit does beside its shortcut. A unit without a shortcut becomes the identity.
     *
     * @throws InspectionException if the unit has no shortcut and changes the shape
     */
    static Map<Layer, Layer> withoutBranch(Unit unit) {
        if (unit.hasShortcut()) {
            return closed(unit.block().orElseThrow());
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

    private static Map<Layer, Layer> closed(ResidualBlock block) {
        Map<Layer, Layer> layers = new IdentityHashMap<>();
        Layer branch = block.branch();
        Merge merge = block.merge();
        if (merge instanceof Merge.Gate gate) {
            layers.put(branch, zero(branch));
            layers.put(gate.gate(), new Constant(gate.gate(), CLOSED));
        } else if (merge instanceof Merge.Gru gru) {
            layers.put(gru.update(), new Constant(gru.update(), CLOSED));
        } else if (merge instanceof Merge.Delta delta) {
            layers.put(delta.beta(), new Constant(delta.beta(), CLOSED));
        } else if (merge instanceof Merge.Slerp slerp) {
            layers.put(slerp.step(), zero(slerp.step()));
        } else if (merge instanceof Merge.Write write) {
            layers.put(write.write(), zero(write.write()));
        } else {
            layers.put(branch, zero(branch));
        }
        return layers;
    }

    /** Removes the shortcut of a unit, so that only its branch remains. Empty if it has none. */
    static Map<Layer, Layer> withoutShortcut(Unit unit) {
        if (!unit.hasShortcut()) {
            return Map.of();
        }
        ResidualBlock block = unit.block().orElseThrow();
        Map<Layer, Layer> layers = new IdentityHashMap<>();
        layers.put(block.shortcut(), zero(block.shortcut()));
        if (block.merge() instanceof Merge.Gate gate) {
            layers.put(gate.gate(), new Constant(gate.gate(), OPEN));
        } else if (block.merge() instanceof Merge.Gru gru) {
            layers.put(gru.update(), new Constant(gru.update(), OPEN));
        }
        return layers;
    }

    /** Returns a layer of zeros, in the shape of another layer's output. */
    static Layer zero(Layer layer) {
        return new Constant(layer, 0);
    }

    /** Returns one number everywhere. */
    private static final class Constant extends MultiLayer {
        private final Layer replaced;
        private final double value;

        Constant(Layer replaced, double value) {
            super(replaced.inputShapes());
            this.replaced = replaced;
            this.value = value;
        }

        @Override
        protected NDList computeAll(ForwardPass pass, NDList in) {
            NDList all = new NDList();
            for (Shape shape : outputShapes(in.stream().map(NDArray::getShape).toList())) {
                all.add(in.head().getManager().full(shape, (float) value, in.head().getDataType()));
            }
            return all;
        }

        @Override
        public List<Shape> outputShapes(List<Shape> in) {
            return replaced.outputShapes(in);
        }

        @Override
        public List<String> outputNames() {
            return replaced.outputNames();
        }

        @Override
        public String describe() {
            return "Constant(" + value + ")";
        }
    }
}
