package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/** Flattens each sample: {@code (N, ...) -> (N, size)}. */
@TypeName("flatten")
public record Flatten(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new FlattenBlock(input);
    }

    /** Flattens each sample: {@code (N, ...) -> (N, size)}. */
    private static final class FlattenBlock extends Layer {

        FlattenBlock(Shape input) {
            super(input);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return x.reshape(-1, Shapes.sampleSize(x.getShape()));
        }

        @Override
        public Shape outputShape(Shape in) {
            return Shapes.moved(in, new Shape(in.get(0), Shapes.sampleSize(in)));
        }

        @Override
        public long activations(Shape in) {
            return 0;
        }
    }
}
