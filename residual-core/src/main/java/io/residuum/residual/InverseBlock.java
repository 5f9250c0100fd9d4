package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.InSequence;
import io.residuum.nn.Layer;
import io.residuum.nn.invert.Inverse;
import io.residuum.nn.invert.Recomputable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Computes the input of invertible layers from their output. It shares their parameters, which
 * belong to the other layer. Of units with batch norm it computes the inverse in evaluation.
 */
public final class InverseBlock extends Layer {
    private final List<Inverse> inverses;

    private InverseBlock(Shape shape, List<Inverse> inverses) {
        super(shape);
        this.inverses = inverses;
    }

    /**
     * {@return the inverse of a residual unit, or of layers in sequence}
     *
     * @param layer a unit of a coupling, momentum or leapfrog, a sum whose branch has a Lipschitz
     *     constant below 1 by spectral norms, or a sequential, repeat or stream of them; a stream
     *     must split its input and concatenate its streams
     * @throws IllegalArgumentException if a layer has no inverse
     */
    public static InverseBlock of(Layer layer) {
        List<Inverse> inverses = new ArrayList<>();
        collect(layer, inverses);
        return new InverseBlock(layer.outputShape(), List.copyOf(inverses));
    }

    /** Adds the inverses of a layer, the last one first. */
    private static void collect(Layer layer, List<Inverse> inverses) {
        if (layer instanceof InSequence several && !several.sequence().isEmpty()) {
            List<Layer> layers = several.sequence();
            for (int i = layers.size() - 1; i >= 0; i--) {
                collect(layers.get(i), inverses);
            }
        } else if (!(layer instanceof IdentityBlock)) {
            Optional<Inverse> inverse =
                    layer instanceof Recomputable unit ? unit.inverse() : Optional.empty();
            inverses.add(inverse.orElseThrow(() -> new IllegalArgumentException(noInverse(layer))));
        }
    }

    private static String noInverse(Layer layer) {
        return "an inverse needs units x -> A x + w F(r x) with fixed weights, an invertible A, r A^-1 w = 0 and nothing after the merge, or sums of spectralNorm layers, got %s: set the stream to reversible or momentum"
                .formatted(layer.describe());
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray y) {
        NDArray x = y;
        for (Inverse inverse : inverses) {
            NDArray before = inverse.invert(pass, x);
            if (x != y) {
                pass.release(x);
            }
            x = before;
        }
        return x;
    }

    @Override
    public String describe() {
        return "Inverse(" + inverses.size() + " units)";
    }
}
