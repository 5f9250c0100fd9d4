package io.residuum.spec.graph;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins inputs along an axis.
 *
 * @param axis the axis, where the batch is 0; null for the channels. Default: null
 */
@TypeName("concat")
public record Concat(@Default("\"\"") String name, @Nullable Integer axis)
        implements SeveralInputs {

    @Override
    public Layer newBlock(List<Shape> inputs) {
        SeveralInputs.requireSeveral(inputs);
        return new ConcatBlock(axis == null ? Shapes.channelAxis(inputs.get(0)) : axis, inputs);
    }

    /** Joins inputs along an axis. */
    private static final class ConcatBlock extends MultiLayer {
        private final int axis;

        ConcatBlock(int axis, List<Shape> inputs) {
            super(inputs);
            this.axis = axis;
            outputShapes(inputs);
        }

        @Override
        protected NDList computeAll(ForwardPass pass, NDList in) {
            return new NDList(NDArrays.concat(in, axis));
        }

        @Override
        public List<Shape> outputShapes(List<Shape> in) {
            long[] dims = in.get(0).getShape().clone();
            Shapes.requireAxis(axis, in.get(0));
            dims[axis] = 0;
            for (Shape shape : in) {
                boolean fits =
                        shape.dimension() == dims.length
                                && Shapes.isIds(shape) == Shapes.isIds(in.get(0));
                for (int i = 0; fits && i < dims.length; i++) {
                    fits = i == axis || shape.get(i) == dims[i];
                }
                if (!fits) {
                    throw new IllegalArgumentException(
                            "the inputs of %s must have one type and equal sizes on all other axes, got %s"
                                    .formatted(describe(), Shapes.text(in)));
                }
                dims[axis] += shape.get(axis);
            }
            return List.of(Shapes.inOrderOf(in.get(0), dims));
        }

        @Override
        public String describe() {
            return "Concat(axis " + axis + ")";
        }
    }
}
