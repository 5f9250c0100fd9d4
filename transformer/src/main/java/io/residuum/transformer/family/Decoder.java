package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decoder-only language model with every option of its parts, {@code (N, T) -> (N, T,
 * vocabulary)}: the published families that {@link Gpt} and {@link Llama} have no settings for. Its
 * layers are named {@code embedding}, {@code blocks}, {@code norm}, {@code projection}, and as the
 * head says.
 *
 * @param embedding vectors of the tokens, which must be named {@code embedding}
 * @param blocks the blocks, whose attention must be causal, except in a network without a head or
 *     with embeddings, such as EmbeddingGemma
 * @param norm norm after the blocks. Default: none
 * @param projection width of {@code projection}, a linear map without a bias before the head, as in
 *     OPT-350M; 0 for none. Default: 0
 * @param tied true if logits of tokens use the weight of the token embedding. Default: true
 * @param head layers after the last norm. Default: lm
 */
@WithBuilder
@TypeName("decoder")
public record Decoder(
        @Default("\"\"") String name,
        TokenEmbedding embedding,
        TransformerBlocks blocks,
        @Default("\"none\"") NormSpec norm,
        @Default("0") int projection,
        @Default("true") boolean tied,
        @Default("\"lm\"") DecoderHead head)
        implements LanguageFamily, DecoderBuilder.With {
    public Decoder {
        Check.that(
                embedding.name().equals("embedding") && blocks.name().equals("blocks"),
                "embedding and blocks must have these names, got \"%s\" and \"%s\"",
                embedding.name(),
                blocks.name());
        Check.notNegative("projection", projection);
        Check.that(
                blocks.attention().causal()
                        || head instanceof DecoderHead.None
                        || head instanceof TextEmbedding,
                "blocks.attention.causal must be true with a head, got false: a decoder reads"
                        + " earlier tokens only");
    }

    @Override
    public Decoder withClasses(int classes) {
        DecoderHead classifier = new DecoderHead.Classes(classes);
        return withHead(
                head instanceof DecoderHead.Transformed before
                        ? before.with(classifier)
                        : classifier);
    }

    @Override
    public Decoder withEmbedding(TextEmbedding value) {
        return withHead(value);
    }

    @Override
    public Optional<TextOutput> output() {
        return Optional.of(TextOutput.ofHead(head));
    }

    @Override
    public Decoder withPositions(int value) {
        return embedding.positions() == PositionTable.LEARNED
                        || embedding.positions() == PositionTable.LEARNED_UNPADDED
                ? with().embedding(embedding.withLength(value)).build()
                : this;
    }

    @Override
    public Decoder withVocabulary(int value) {
        return with().embedding(embedding.withVocabulary(value)).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        int depth = TransformerBlocks.deeper(part, blocks.depth(), added);
        return withBlocks(blocks.withDepth(depth));
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> layers = new ArrayList<>(List.of(embedding, blocks));
        if (!norm.equals(NormSpec.NONE)) {
            layers.add(new Normalization("norm", norm));
        }
        if (projection > 0) {
            layers.add(new Linear("projection", projection, false, embedding.init()));
        }
        layers.addAll(head.layers(embedding.vocabulary(), tied));
        return new Sequential(name, layers);
    }
}
