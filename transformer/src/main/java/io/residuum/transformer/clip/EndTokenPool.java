package io.residuum.transformer.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The position of the end of each text, {@code (N, T, C) -> (N, C)}: the first with a certain id
 * (CLIP, Radford et al. 2021, arXiv:2103.00020, Section 2.4). The side input {@code ids} {@code (N,
 * T)} holds the ids.
 *
 * @param end id of the end; -1 for the largest id of each text. Default: -1
 */
@TypeName("endTokenPool")
public record EndTokenPool(@Default("\"\"") String name, @Default("-1") int end)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new EndTokenPoolBlock(input);
    }

    /**
     * Takes the first position of each text with the id of the end, {@code (N, T, C) -> (N, C)}.
     */
    private final class EndTokenPoolBlock extends Layer {
        /** The name of the side input with the ids. */
        static final String IDS = "ids";

        private static final int[] POSITIONS = {2};

        /** Creates the block for an input {@code (-1, T, C)}. */
        EndTokenPoolBlock(Shape input) {
            super(input);
            requireRank("a pool of the end token", input, 3);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape s = x.getShape();
            NDArray ids = pass.sideInput(IDS);
            if (ids == null
                    || ids.getShape().dimension() != 2
                    || ids.getShape().get(1) != s.get(1)) {
                throw new IllegalArgumentException(
                        "a pool of the end token needs the side input \"%s\" (N, %d), found %s"
                                .formatted(IDS, s.get(1), ids == null ? "none" : ids.getShape()));
            }
            Ops ops = pass.ops();
            NDArray numbers = ids.toType(DataType.FLOAT32, false).expandDims(1);
            NDArray distance =
                    end < 0 ? numbers.sub(numbers.max(POSITIONS, true)) : ops.sub(numbers, end);
            // 1 for ends and 0 for other ids, which differ by whole numbers.
            NDArray ends = ops.maximum(ops.add(ops.mul(distance.square(), -1), 1), 0);
            int length = Math.toIntExact(s.get(1));
            NDArray scores = ops.mul(ends, length).sub(positions(pass, length));
            NDArray behind = scores.sub(scores.max(POSITIONS, true));
            NDArray first = ops.maximum(ops.add(behind, 1), 0);
            return ops.batchedProduct(first.toType(x.getDataType(), false), x)
                    .reshape(s.get(0), s.get(2));
        }

        private static NDArray positions(ForwardPass pass, int length) {
            float[] values = new float[length];
            for (int p = 0; p < length; p++) {
                values[p] = p;
            }
            return Values.create(pass.manager(), values, new Shape(1, 1, length), DataType.FLOAT32);
        }

        @Override
        public SideInputs sideInputs() {
            return SideInputs.NONE.and(SideInput.ids(IDS, Integer.MAX_VALUE).asRequired());
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(2));
        }

        @Override
        public String describe() {
            return "EndTokenPool(" + (end < 0 ? "largest id" : String.valueOf(end)) + ")";
        }
    }
}
