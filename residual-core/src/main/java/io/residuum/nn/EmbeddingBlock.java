package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;

/**
 * A row of a table for each id: {@code (N, T)}, int64, to {@code (N, T, C)}. Ids must be in [0,
 * vocabulary): an engine may clip others without a word, so they are checked where they enter the
 * program.
 */
public final class EmbeddingBlock extends Layer {
    private final int width;
    private final Parameter weight;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T)}
     * @param vocabulary the number of rows
     * @param width the length of a row
     * @param init the first values
     */
    public EmbeddingBlock(Shape input, int vocabulary, int width, Init init) {
        super(input);
        requireRank("embedding", input, 2);
        this.width = width;
        this.weight = parameter("weight", Parameter.Type.WEIGHT, init, vocabulary, width);
    }

    /**
     * The table, for layers that use it too.
     *
     * @return {@code (vocabulary, C)}
     */
    public Parameter weight() {
        return weight;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.getNDArrayInternal().embedding(x, pass.value(weight), SparseFormat.DENSE).head();
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.add(width);
    }

    @Override
    public String describe() {
        return "Embedding(" + weight.getShape().get(0) + ", " + width + ")";
    }
}
