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
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * Logits over a vocabulary by the weight of an embedding (Press and Wolf 2017, arXiv:1608.05859):
 * {@code (N, T, C) -> (N, T, vocabulary)}. The weight belongs to the embedding: only there it is
 * counted, saved and named.
 *
 * @param embedding path of the embedding, relative to this layer's parent or any layer around it.
 *     Default: embedding.token
 * @param vocabulary number of rows of the embedding
 * @param bias true if a bias, initially 0, is added. Default: false
 */
@TypeName("tiedHead")
public record TiedHead(
        @Default("\"\"") String name,
        @Default("\"embedding.token\"") String embedding,
        int vocabulary,
        @Default("false") boolean bias)
        implements LayerSpec {
    public TiedHead {
        Check.that(!embedding.isBlank(), "embedding must not be blank");
        Check.positive("vocabulary", vocabulary);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TiedHeadBlock(input, bias);
    }

    /** A linear map with the weight of an embedding, {@code (N, T, C) -> (N, T, vocabulary)}. */
    private final class TiedHeadBlock extends Layer
            implements CountsMacs, LinksWeights, PositionWise {
        private final SharedTable table;
        private final @Nullable Parameter bias;

        /** Creates the block for an input {@code (-1, T, C)} or {@code (-1, C)}. */
        TiedHeadBlock(Shape input, boolean withBias) {
            super(input);
            requireRank("tied head", input, 2, 3);
            this.table = new SharedTable(embedding, vocabulary, Shapes.channels(input));
            this.bias =
                    withBias
                            ? parameter("bias", Parameter.Type.BIAS, Init.ZEROS, vocabulary)
                            : null;
        }

        @Override
        public void link(String path, Layer network) {
            table.link(path, network);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return x.getNDArrayInternal()
                    .linear(x, table.value(pass), pass.valueOrNull(bias))
                    .head();
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
}
