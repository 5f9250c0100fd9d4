package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.HasVocabulary;

/**
 * Looks up a row of a table for each id: {@code (N, T)}, int64, to {@code (N, T, C)}. Ids must be
 * in [0, vocabulary).
 */
public final class EmbeddingBlock extends Layer implements HasVocabulary {
    private final String ids;
    private final int width;
    private final Parameter weight;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T)}
     * @param ids the name of the ids in messages, for instance {@code tokens}
     * @param vocabulary the number of rows
     * @param width the length of a row
     * @param init the initial values
     */
    public EmbeddingBlock(Shape input, String ids, int vocabulary, int width, Init init) {
        super(input);
        Shapes.requireRank("embedding", input, 2);
        this.ids = ids;
        this.width = width;
        this.weight = parameter("weight", Parameter.Type.WEIGHT, init, vocabulary, width);
    }

    /** {@return the table {@code (vocabulary, C)}, for layers that share it} */
    public Parameter weight() {
        return weight;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return Ids.rows(pass.ops(), ids, x, pass.value(weight));
    }

    @Override
    public long vocabulary() {
        return weight.getShape().get(0);
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
