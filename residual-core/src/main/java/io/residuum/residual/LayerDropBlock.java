package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.invert.Inverse;
import io.residuum.nn.invert.Recomputable;
import io.residuum.nn.trait.Reseedable;
import java.util.List;
import java.util.Optional;

/** Layers in sequence that are dropped together. Keeps the shape. */
final class LayerDropBlock extends Layer implements Reseedable, Recomputable {
    private final Chain layers;
    private final DropPath dropPath;

    /** A unit whose branch is what the layers change. */
    private final ResidualBlock unit;

    LayerDropBlock(Chain layers, DropPath dropPath) {
        super(layers.inputShape());
        this.layers = layers;
        this.dropPath = dropPath;
        layers.children().forEach(this::child);
        Layer none = new IdentityBlock(layers.inputShape());
        this.unit =
                new ResidualBlock(
                        List.of(layers.inputShape()),
                        new ResidualBlock.Parts(
                                none, none, new Change(layers), none, none, none, none),
                        ResidualBlock.Tap.INPUT,
                        new Merge.Add(1, 1),
                        dropPath);
    }

    /** {@code f(x) - x}. */
    private static final class Change extends Layer {
        private final Chain layers;

        Change(Chain layers) {
            super(layers.inputShape());
            this.layers = layers;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return layers.forward(pass, x).sub(x);
        }

        @Override
        public Shape outputShape(Shape in) {
            return layers.outputShape(in);
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return dropPath.keepsAll(pass) ? layers.forward(pass, x) : unit.forward(pass, x);
    }

    @Override
    public Optional<Inverse> inverse() {
        return Optional.empty();
    }

    @Override
    public void reseed(long seed) {
        dropPath.reseed(seed);
    }
}
