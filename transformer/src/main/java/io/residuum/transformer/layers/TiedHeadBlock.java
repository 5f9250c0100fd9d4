package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.PositionWise;
import org.jspecify.annotations.Nullable;

/** A linear map with the weight of an embedding, {@code (N, T, C) -> (N, T, vocabulary)}. */
final class TiedHeadBlock extends Layer implements CountsMacs, LinksWeights, PositionWise {
    private final SharedTable table;
    private final int vocabulary;
    private final @Nullable Parameter bias;

    /** Creates the block for an input {@code (-1, T, C)} or {@code (-1, C)}. */
    TiedHeadBlock(Shape input, String embedding, int vocabulary, boolean withBias) {
        super(input);
        requireRank("tied head", input, 2, 3);
        this.vocabulary = vocabulary;
        this.table = new SharedTable(embedding, vocabulary, Shapes.channels(input));
        this.bias =
                withBias ? parameter("bias", Parameter.Type.BIAS, Init.ZEROS, vocabulary) : null;
    }

    @Override
    public void link(String path, Layer network) {
        table.link(path, network);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.getNDArrayInternal().linear(x, table.value(pass), pass.valueOrNull(bias)).head();
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withChannels(in, vocabulary);
    }

    @Override
    public long macs(Shape in) {
        return Shapes.product(Shapes.size(in), vocabulary);
    }

    @Override
    public String describe() {
        return "TiedHead(" + vocabulary + ", " + table + ")";
    }
}
