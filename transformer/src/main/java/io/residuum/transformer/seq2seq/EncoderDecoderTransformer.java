package io.residuum.transformer.seq2seq;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.FeedForwardBuilder;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;

/**
 * The original transformer (Vaswani et al. 2017, arXiv:1706.03762): an encoder and a decoder. Both
 * embeddings and the logits share one table (Section 3.4). The input is the target {@code (N, T)},
 * shifted right. The source {@code (N, S)} is the side input {@code source}, its mask {@code
 * sourceMask}. The output is {@code (N, T, vocabulary)}. Its layers are named {@code encoder} and
 * {@code decoder}, with {@code embedding} and {@code blocks} each.
 *
 * @param vocabulary number of token ids
 * @param width width of the vectors
 * @param depth number of blocks on each side
 * @param heads number of attention heads
 * @param mlpWidth hidden width of the feed-forward networks
 * @param placement placement of the norms; deepNorm uses the constants for an encoder with a
 *     decoder. Default: post
 * @param dropout dropout of embeddings and branches. Default: 0.1
 */
@WithBuilder
@TypeName("encoderDecoder")
public record EncoderDecoderTransformer(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        int depth,
        int heads,
        int mlpWidth,
        @Default("\"post\"") NormPlacement placement,
        @Default("0.1") double dropout)
        implements Family, EncoderDecoderTransformerBuilder.With {

    public EncoderDecoderTransformer {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("heads", heads);
        Check.positive("mlpWidth", mlpWidth);
        Check.rate("dropout", dropout);
    }

    /**
     * {@return a transformer with feed-forward networks of 4 times the width (Vaswani et al. 2017,
     * Table 3), other components at their defaults}
     *
     * @param vocabulary the number of token ids
     * @param width the width of the vectors
     * @param depth the number of blocks on each side
     * @param heads the number of attention heads
     */
    public static EncoderDecoderTransformer of(int vocabulary, int width, int depth, int heads) {
        return Defaults.fill(EncoderDecoderTransformerBuilder.builder())
                .vocabulary(vocabulary)
                .width(width)
                .depth(depth)
                .heads(heads)
                .mlpWidth(Math.multiplyExact(4, width))
                .build();
    }

    @Override
    public LayerSpec expand() {
        InitSpec init = new InitSpec.XavierUniform();
        Attention attention =
                Attention.builder(heads)
                        .projection(Attention.Projection.of(false, true, init))
                        .dropout(dropout)
                        .build();
        FeedForward mlp =
                Defaults.fill(FeedForwardBuilder.builder())
                        .name("mlp")
                        .width(mlpWidth)
                        .activation(ActivationSpec.RELU)
                        .dropout(dropout)
                        .init(init)
                        .build();
        NormSpec last = placement.normsSum() ? NormSpec.NONE : NormSpec.LAYER;
        TransformerBlocks encoder =
                TransformerBlocks.of(depth, attention, mlp, NormSpec.LAYER, encoderPlacement());
        TransformerBlocks decoder =
                TransformerBlocks.of(
                                depth,
                                attention.withCausal(true),
                                mlp,
                                NormSpec.LAYER,
                                decoderPlacement())
                        .withMemory(width);
        return new Seq2Seq(
                        name,
                        new Seq2Seq.Stack(embedding(""), encoder, last, 0),
                        new Seq2Seq.Stack(embedding(Seq2Seq.TABLE), decoder, last, 0),
                        new Seq2Seq.Lm(true, false, 1))
                .expand();
    }

    private NormPlacement encoderPlacement() {
        return placement instanceof NormPlacement.DeepNorm deep
                ? deep.ofEncoder(depth, depth)
                : placement;
    }

    private NormPlacement decoderPlacement() {
        return placement instanceof NormPlacement.DeepNorm deep ? deep.ofDecoder(depth) : placement;
    }

    private TokenEmbedding embedding(String table) {
        return TokenEmbedding.of(vocabulary, width, PositionTable.SINUSOIDAL, dropout)
                .with()
                .table(table)
                .scale(Math.sqrt(width))
                // Section 3.4: embeddings are multiplied by sqrt(width).
                .init(new InitSpec.Normal(1 / Math.sqrt(width)))
                .build();
    }
}
