package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Pass;

/** Adds a learned row to each position, {@code (N, T, C) -> (N, T, C)}. */
public final class LearnedPositionBlock extends Layer {
    private final Parameter weight;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}
     * @param length the number of rows, T or more
     * @param init their first values
     */
    LearnedPositionBlock(Shape input, long length, Init init) {
        super(input);
        this.weight = parameter("weight", Parameter.Type.WEIGHT, init, length, input.get(2));
    }

    @Override
    protected NDArray compute(Pass pass, NDArray x) {
        int first = pass.firstPosition();
        long end = first + x.getShape().get(1);
        NDArray table = pass.value(weight);
        if (end > table.getShape().get(0)) {
            throw new IllegalArgumentException(
                    String.format(
                            "a sequence must have at most %d positions, got %d",
                            table.getShape().get(0), end));
        }
        NDArray places = pass.rider(PositionEmbedding.POSITIONS);
        if (places != null) {
            return x.add(PositionEmbedding.rows(places, table));
        }
        if (first == 0 && end == table.getShape().get(0)) {
            return x.add(table);
        }
        NDArray rows = table.get(new NDIndex("{}:{}", first, end));
        rows.attach(pass.manager());
        return x.add(rows);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return "Positions(" + weight.getShape().get(0) + ", learned)";
    }
}
