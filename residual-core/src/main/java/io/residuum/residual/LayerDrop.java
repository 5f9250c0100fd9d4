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
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Layers in sequence that are dropped together at random in training, so that their input remains
 * (LayerDrop, Fan et al. 2019, arXiv:1909.11556, Section 3). A transformer block drops its units of
 * attention and feed-forward at once, while {@code dropPath} of a unit drops one branch. Paths are
 * those of a {@link Sequential}.
 *
 * @param dropPath the rate; the paper's mode is {@code batch} and its rescale {@code never}, a
 *     factor of what the layers change
 * @param layers the layers, in order; together they keep the shape
 */
@TypeName("layerDrop")
public record LayerDrop(@Default("\"\"") String name, DropPathSpec dropPath, List<LayerSpec> layers)
        implements LayerSpec {
    public LayerDrop {
        layers = List.copyOf(layers);
        sequence(layers); // checks the names
    }

    private static Sequential sequence(List<LayerSpec> layers) {
        return new Sequential("", layers);
    }

    @Override
    public long layerCount() {
        return sequence(layers).layerCount();
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new LayerDrop(name, dropPath, layers.stream().map(change).toList());
    }

    @Override
    public Layer newBlock(Shape input) {
        Chain chain = (Chain) sequence(layers).newBlock(input);
        return new LayerDropBlock(chain, dropPath.toDropPath(chain));
    }

    /** Layers in sequence that are dropped together. Keeps the shape. */
    private static final class LayerDropBlock extends Layer implements Reseedable, Recomputable {
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
}
