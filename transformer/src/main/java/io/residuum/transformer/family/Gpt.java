package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TiedHead;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder-only language model with learned positions: {@code (N, T) -> (N, T, vocabulary)}
 * (Radford et al. 2018 and 2019). Parts are named {@code embedding}, {@code blocks}, {@code norm}
 * and {@code head}. There are as many positions as the input is long.
 *
 * @param name its name. Default: empty
 * @param vocabulary the number of token ids
 * @param width of vectors
 * @param depth how many blocks
 * @param heads of attention
 * @param mlpRatio the feed-forward width by width. Default: 4
 * @param activation of the feed-forward network. Default: geluTanh
 * @param norm the norm. Default: layer
 * @param placement where norms stand; a placement that leaves the sum without a norm has one behind
 *     the blocks. Default: pre
 * @param bias whether linear maps have biases. Default: true
 * @param dropout of embeddings, attention weights and branches. Default: 0.1
 * @param tied whether the head is the token embedding. Default: true
 */
@WithBuilder
@TypeName("gpt")
@Doc("A decoder-only language model with learned positions.")
public record Gpt(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        int depth,
        int heads,
        @Default("4.0") double mlpRatio,
        @Default("\"geluTanh\"") ActivationSpec activation,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"pre\"") NormPlacement placement,
        @Default("true") boolean bias,
        @Default("0.1") double dropout,
        @Default("true") boolean tied)
        implements LanguageFamily, GptBuilder.With {
    public Gpt {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.positive("depth", depth);
        Check.positive("heads", heads);
        Check.rate("dropout", dropout);
    }

    /**
     * Creates a GPT-2 (Radford et al. 2019, Table 2).
     *
     * @param vocabulary the number of token ids
     * @param width of vectors
     * @param depth how many blocks
     * @param heads of attention
     * @return the model, every other component at its default
     */
    static Gpt of(int vocabulary, int width, int depth, int heads) {
        return Defaults.fill(GptBuilder.builder())
                .vocabulary(vocabulary)
                .width(width)
                .depth(depth)
                .heads(heads)
                .build();
    }

    @Override
    public Gpt withVocabulary(int value) {
        return with().vocabulary(value).build();
    }

    @Override
    public LayerSpec expand() {
        InitSpec init = new InitSpec.Normal(0.02);
        // Radford et al. 2019, Section 2.3: what goes into sums begins smaller, by their number.
        double outputGain = 1 / Math.sqrt(2.0 * depth);
        Attention attention =
                Attention.builder(heads)
                        .projection(
                                Attention.Projection.of(true, bias, init)
                                        .withOutputGain(outputGain))
                        .causal(true)
                        .weightDropout(dropout)
                        .dropout(dropout)
                        .build();
        FeedForward mlp =
                FeedForward.plain(mlpRatio, activation, dropout, init)
                        .with()
                        .bias(bias)
                        .outputGain(outputGain)
                        .build();
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(TokenEmbedding.of(vocabulary, width, PositionTable.LEARNED, dropout));
        layers.add(TransformerBlocks.of(depth, attention, mlp, norm, placement));
        if (!placement.normsSum()) {
            layers.add(new Normalization("norm", norm));
        }
        layers.add(head(vocabulary, tied));
        return new Sequential(name, layers);
    }

    /** Logits by the token embedding, or by a map of their own. */
    static LayerSpec head(int vocabulary, boolean tied) {
        return tied
                ? new TiedHead("head", "embedding.token", vocabulary, false)
                : new Linear("head", vocabulary, false, new InitSpec.Normal(0.02));
    }
}
