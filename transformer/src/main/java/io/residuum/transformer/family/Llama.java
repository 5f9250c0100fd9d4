package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decoder-only language model of the Llama family, {@code (N, T) -> (N, T, vocabulary)}: RMSNorm,
 * rotary positions, grouped-query attention, SwiGLU, no biases (Touvron et al. 2023,
 * arXiv:2302.13971, Section 2.2). Its layers are named {@code embedding}, {@code blocks}, {@code
 * norm}, and as the head says.
 *
 * @param vocabulary number of token ids
 * @param width width of the vectors
 * @param depth number of blocks
 * @param heads number of query heads
 * @param kvHeads number of key and value heads, 0 for the same as heads. Default: 0
 * @param headWidth width of a head, 0 for width / heads. Default: 0
 * @param mlpWidth hidden width of the feed-forward network
 * @param activation activation of the gate. Default: silu
 * @param qkvBias true if the maps to queries, keys and values have biases. Default: false
 * @param outputBias true if the output map of attention has a bias. Default: false
 * @param mlpBias true if the maps of the feed-forward network have biases. Default: false
 * @param rotary rotary positions. Default: base 10000, half-split
 * @param eps constant in the norms. Default: 1e-5
 * @param window number of positions that a query sees; 0 for all earlier ones. Default: 0
 * @param attentionDropout dropout of the attention weights. Default: 0
 * @param tied true if logits of tokens use the weight of the token embedding. Default: false
 * @param head layers after the last norm. Default: lm
 */
@WithBuilder
@TypeName("llama")
public record Llama(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        int depth,
        int heads,
        @Default("0") int kvHeads,
        @Default("0") int headWidth,
        int mlpWidth,
        @Default("\"silu\"") ActivationSpec activation,
        @Default("false") boolean qkvBias,
        @Default("false") boolean outputBias,
        @Default("false") boolean mlpBias,
        @Default("{}") PositionSpec.Rotary rotary,
        @Default("1e-5") double eps,
        @Default("0") int window,
        @Default("0.0") double attentionDropout,
        @Default("false") boolean tied,
        @Default("\"lm\"") DecoderHead head)
        implements LanguageFamily, LlamaBuilder.With {
    public Llama {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("heads", heads);
        Check.notNegative("headWidth", headWidth);
        Check.positive("mlpWidth", mlpWidth);
        Check.rate("attentionDropout", attentionDropout);
    }

    /** {@return a Llama, other components at their defaults} */
    static Llama of(int vocabulary, int width, int depth, int heads, int mlpWidth) {
        return Defaults.fill(LlamaBuilder.builder())
                .vocabulary(vocabulary)
                .width(width)
                .depth(depth)
                .heads(heads)
                .mlpWidth(mlpWidth)
                .build();
    }

    @Override
    public Llama withClasses(int classes) {
        return withHead(new DecoderHead.Classes(classes));
    }

    @Override
    public Llama withEmbedding(TextEmbedding value) {
        return withHead(value);
    }

    @Override
    public Optional<TextOutput> output() {
        return Optional.of(TextOutput.ofHead(head));
    }

    @Override
    public Llama withVocabulary(int value) {
        return with().vocabulary(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        InitSpec init = new InitSpec.Normal(0.02);
        Attention attention =
                Attention.builder(heads)
                        .kvHeads(kvHeads)
                        .headWidth(headWidth)
                        .projection(
                                Attention.Projection.of(false, qkvBias, init)
                                        .withOutputBias(outputBias))
                        .causal(true)
                        .window(window)
                        .position(rotary)
                        .weightDropout(attentionDropout)
                        .build();
        FeedForward mlp = FeedForward.gated(mlpWidth, activation, init).withBias(mlpBias);
        NormSpec norm = new NormSpec.Rms(eps, 1);
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(TokenEmbedding.of(vocabulary, width, PositionTable.NONE, 0));
        layers.add(TransformerBlocks.of(depth, attention, mlp, norm, NormPlacement.PRE));
        layers.add(new Normalization("norm", norm));
        layers.addAll(head.layers(vocabulary, tied));
        return new Sequential(name, layers);
    }
}
