package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Values;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.pool.MaskedMeanBlock;
import org.jspecify.annotations.Nullable;

/** Adds a learned row to each position, {@code (N, T, C) -> (N, T, C)}. */
final class LearnedPositionBlock extends Layer {
    private final Parameter weight;
    private final int offset;
    private final boolean unpadded;

    /** Creates a table of at least offset + T rows for an input {@code (-1, T, C)}. */
    LearnedPositionBlock(Shape input, long length, int offset, boolean unpadded, Init init) {
        super(input);
        requireRank("learned positions", input, 3);
        this.offset = offset;
        this.unpadded = unpadded;
        this.weight = parameter("weight", Parameter.Type.WEIGHT, init, length, input.get(2));
    }

    /**
     * The rows that one pass adds.
     *
     * @param block the block with the table
     * @param first the row of the first position
     * @param length the number of positions
     */
    private record Rows(LearnedPositionBlock block, int first, int length)
            implements Cache.PositionDependentArray {

        @Override
        public NDArray make(ForwardPass pass) {
            NDArray table = pass.value(block.weight);
            long end = first + length;
            long all = table.getShape().get(0);
            if (end > all) {
                throw new IllegalArgumentException(
                        String.format(
                                "a sequence must have at most %d positions, got %d",
                                all - block.offset, end - block.offset));
            }
            NDArray positions = pass.sideInput(PositionEmbedding.POSITIONS);
            if (positions == null && block.unpadded) {
                positions = block.unpadded(pass, first - block.offset, length);
            }
            if (positions != null) {
                return PositionEmbedding.rows(pass, positions, length, table);
            }
            // Apart, since a program for any length has no sum of a length and an offset.
            NDArray usable = rows(pass, table, block.offset, all);
            return rows(pass, usable, first - block.offset, end - block.offset);
        }

        private static NDArray rows(ForwardPass pass, NDArray table, long from, long to) {
            if (from == 0 && to == table.getShape().get(0)) {
                return table;
            }
            NDArray rows = table.get(new NDIndex("{}:{}", from, to));
            rows.attach(pass.manager());
            return rows;
        }

        @Override
        public Rows at(Cache.Position position) {
            return new Rows(block, block.offset + position.first(), 1);
        }
    }

    /**
     * {@return the rows of the new tokens, (N, T), counted over the tokens that the mask keeps;
     * null without a mask}
     */
    private @Nullable NDArray unpadded(ForwardPass pass, int first, int length) {
        NDArray mask = pass.sideInput(MaskedMeanBlock.MASK);
        if (mask == null) {
            return null;
        }
        Shape s = mask.getShape();
        int all = Math.toIntExact(s.get(1));
        if (all != first + length) {
            throw new IllegalArgumentException(
                    "the side input \"mask\" must be (N, %d), with every position so far, got %s"
                            .formatted(first + length, s));
        }
        float[] earlier = new float[all * length];
        for (int from = 0; from < all; from++) {
            for (int t = 0; t < length; t++) {
                earlier[from * length + t] = from <= first + t ? 1 : 0;
            }
        }
        NDArray kept = mask.toType(DataType.FLOAT32, false).reshape(1, s.get(0), all);
        NDArray sums =
                Values.create(pass.manager(), earlier, new Shape(1, all, length), DataType.FLOAT32);
        NDArray counts = pass.ops().batchedProduct(kept, sums).reshape(s.get(0), length);
        // Padding before the first token has a row too, which nothing reads.
        return pass.ops()
                .add(pass.ops().maximum(pass.ops().sub(counts, 1), 0), offset)
                .toType(DataType.INT64, false);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        int first = offset + pass.firstPosition();
        Rows rows = new Rows(this, first, Math.toIntExact(x.getShape().get(1)));
        // Shared arrays have no gradient, which training of the table needs.
        return x.add(pass.cache() == null ? rows.make(pass) : pass.shared(rows));
    }

    @Override
    public SideInputs sideInputs() {
        SideInputs read =
                SideInputs.NONE.and(
                        SideInput.ids(
                                PositionEmbedding.POSITIONS,
                                weight.getShape().get(0),
                                "position_ids"));
        return unpadded ? read.and(SideInput.mask(MaskedMeanBlock.MASK, "attention_mask")) : read;
    }

    @Override
    public String describe() {
        return "Positions(" + weight.getShape().get(0) + ", learned)";
    }
}
