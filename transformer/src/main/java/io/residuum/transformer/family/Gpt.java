package io.residuum.transformer.family;

import io.residuum.residual.wiring.Wiring;
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
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decoder-only language model with learned positions, {@code (N, T) -> (N, T, vocabulary)}
 * (Radford et al. 2018 and 2019). Its layers are named {@code embedding}, {@code blocks}, {@code
 * norm}, and as the head says.
 *
 * @param vocabulary number of token ids
 * @param width width of the vectors
 * @param depth number of blocks
 * @param heads number of attention heads
 * @param mlpRatio hidden width of the feed-forward network divided by width. Default: 4
 * @param activation activation of the feed-forward network. Default: geluTanh
 * @param positions number of learned positions; 0 for the length of the input. Default: 0
 * @param norm kind of norm. Default: layer
 * @param placement placement of the norms; if it does not normalize sums, a norm follows the
 *     blocks. Default: pre
 * @param stream connections between the units, such as hyper-connections. Default: plain
 * @param bias true if linear maps have biases. Default: true
 * @param dropout dropout of embeddings, attention weights and branches; one rate for all, or an
 *     object. Default: 0.1
 * @param tied true if logits of tokens use the weight of the token embedding. Default: true
 * @param head layers after the last norm. Default: lm
 */
@WithBuilder
@TypeName("gpt")
public record Gpt(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        int depth,
        int heads,
        @Default("4.0") double mlpRatio,
        @Default("\"geluTanh\"") ActivationSpec activation,
        @Default("0") int positions,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"pre\"") NormPlacement placement,
        @Default("\"plain\"") Wiring stream,
        @Default("true") boolean bias,
        @Default("0.1") DropoutRates dropout,
        @Default("true") boolean tied,
        @Default("\"lm\"") DecoderHead head)
        implements LanguageFamily, GptBuilder.With {
    public Gpt {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("heads", heads);
    }

    /** {@return a GPT-2 (Radford et al. 2019, Table 2), other components at their defaults} */
    static Gpt of(int vocabulary, int width, int depth, int heads) {
        return Defaults.fill(GptBuilder.builder())
                .vocabulary(vocabulary)
                .width(width)
                .depth(depth)
                .heads(heads)
                .build();
    }

    @Override
    public Gpt withClasses(int classes) {
        return withHead(new DecoderHead.Classes(classes));
    }

    @Override
    public Gpt withEmbedding(TextEmbedding value) {
        return withHead(value);
    }

    @Override
    public Optional<TextOutput> output() {
        return Optional.of(TextOutput.ofHead(head));
    }

    @Override
    public Gpt withPositions(int value) {
        return with().positions(value).build();
    }

    @Override
    public Gpt withVocabulary(int value) {
        return with().vocabulary(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        InitSpec init = new InitSpec.Normal(0.02);
        // Radford et al. 2019, Section 2.3: output weights shrink with the number of residual sums.
        double outputGain = 1 / Math.sqrt(2.0 * depth);
        Attention attention =
                Attention.builder(heads)
                        .projection(
                                Attention.Projection.of(true, bias, init)
                                        .withOutputGain(outputGain))
                        .causal(true)
                        .weightDropout(dropout.attention())
                        .dropout(dropout.branch())
                        .build();
        FeedForward mlp =
                FeedForward.plain(mlpRatio, activation, dropout.branch(), init)
                        .with()
                        .bias(bias)
                        .outputGain(outputGain)
                        .build();
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                TokenEmbedding.of(vocabulary, width, PositionTable.LEARNED, dropout.embedding())
                        .withLength(positions));
        layers.add(TransformerBlocks.of(depth, attention, mlp, norm, placement).withStream(stream));
        if (!placement.normsSum()) {
            layers.add(new Normalization("norm", norm));
        }
        layers.addAll(head.layers(vocabulary, tied));
        return new Sequential(name, layers);
    }
}
