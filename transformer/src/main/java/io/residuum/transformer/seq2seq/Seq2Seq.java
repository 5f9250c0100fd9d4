package io.residuum.transformer.seq2seq;

import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.TiedHead;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder and a decoder of texts with every option of their parts: the published families, such
 * as T5 (Raffel et al. 2020, arXiv:1910.10683) and BART (Lewis et al. 2020, arXiv:1910.13461). The
 * input is the target {@code (N, T)}, shifted right. The source {@code (N, S)} is the side input
 * {@code source}, its mask {@code sourceMask}. The output is {@code (N, T, vocabulary)}. A
 * classifier reads one text {@code (N, T)} on both sides.
 *
 * <p>Its layers are named {@code encoder} and {@code decoder}, with {@code embedding}, {@code
 * blocks} and {@code norm} each. The decoder ends in {@code head}.
 *
 * @param encoder layers that read the source
 * @param decoder layers that read the target and the encoder's output. The {@code table} of its
 *     embedding may be {@value #TABLE}, that of the encoder
 * @param head layers after the decoder. Default: lm
 */
@WithBuilder
@TypeName("seq2seq")
public record Seq2Seq(
        @Default("\"\"") String name, Stack encoder, Stack decoder, @Default("\"lm\"") Head head)
        implements Family, Seq2SeqBuilder.With {

    /** The path of the encoder's table of tokens. */
    public static final String TABLE = "encoder.embedding.token";

    /**
     * The layers of an encoder or a decoder.
     *
     * @param embedding vectors of the tokens, which must be named {@code embedding}
     * @param blocks the blocks, which must be named {@code blocks}
     * @param norm norm after the blocks. Default: none
     * @param dropout dropout after the norm. Default: 0
     */
    public record Stack(
            TokenEmbedding embedding,
            TransformerBlocks blocks,
            @Default("\"none\"") NormSpec norm,
            @Default("0.0") double dropout) {
        public Stack {
            Check.that(
                    embedding.name().equals("embedding") && blocks.name().equals("blocks"),
                    "embedding and blocks must have these names, got \"%s\" and \"%s\"",
                    embedding.name(),
                    blocks.name());
            Check.rate("dropout", dropout);
        }

        /** {@return the layers} */
        List<LayerSpec> layers() {
            List<LayerSpec> layers = new ArrayList<>(List.of(embedding, blocks));
            if (!norm.equals(NormSpec.NONE)) {
                layers.add(new Normalization("norm", norm));
            }
            if (dropout > 0) {
                layers.add(new Dropout("dropout", dropout));
            }
            return layers;
        }

        /**
         * {@return a network of these layers alone, below the name {@code encoder}}
         *
         * @param after layers after them
         */
        public LayerSpec alone(LayerSpec... after) {
            List<LayerSpec> all = new ArrayList<>(List.of(new Sequential("encoder", layers())));
            all.addAll(List.of(after));
            return new Sequential("", all);
        }
    }

    /** The layers after the decoder. */
    public sealed interface Head permits Lm, Classes, Spans, None {}

    /**
     * Logits of the next token, {@code head}: {@code (N, T, vocabulary)}.
     *
     * @param tied true if the weight is that of the decoder's token embedding. Default: true
     * @param bias true if the map to logits has a bias. Default: false
     * @param scale factor of the logits. Default: 1
     */
    @TypeName("lm")
    public record Lm(
            @Default("true") boolean tied,
            @Default("false") boolean bias,
            @Default("1.0") double scale)
            implements Head {
        public Lm {
            Check.finite("scale", scale);
            // The scale applies before the map, so it would not reach the bias.
            Check.that(
                    scale != 0 && (scale == 1 || !bias),
                    "scale must be 1 with bias and never 0, got %s",
                    scale);
        }
    }

    /**
     * A classifier of the text that both the encoder and the decoder read, {@code pool} and {@code
     * classifier}: {@code (N, count)}. It reads the decoder's vector at the last token (Lewis et
     * al. 2020, arXiv:1910.13461, Section 3.1).
     *
     * @param count number of classes
     * @param start id that begins the decoder's input, or -2 for the last token of the text, as in
     *     mBART
     * @param dropout dropout before each linear layer. Default: 0
     */
    @TypeName("classes")
    public record Classes(int count, int start, @Default("0.0") double dropout) implements Head {
        public Classes {
            Check.positive("count", count);
            requireStart(start);
            Check.rate("dropout", dropout);
        }

        private List<LayerSpec> layers(int width) {
            InitSpec init = new InitSpec.Normal(0.02);
            return List.of(
                    new LastTokenPool("pool"),
                    new Sequential(
                            "classifier",
                            new Dropout("dropout1", dropout),
                            new Linear("dense", width, true, init),
                            new Activation("tanh", new ActivationSpec.Tanh()),
                            new Dropout("dropout2", dropout),
                            new Linear("output", count, true, init)));
        }
    }

    /**
     * Logits of the first and the last token of an answer in the text that both the encoder and the
     * decoder read, {@code spans}: {@code (N, T, 2)} (Lewis et al. 2020, arXiv:1910.13461, Section
     * 3.2).
     *
     * @param start id that begins the decoder's input, or -2 for the last token of the text, as in
     *     mBART
     */
    @TypeName("spans")
    public record Spans(int start) implements Head {
        public Spans {
            requireStart(start);
        }
    }

    private static void requireStart(int start) {
        Check.that(
                start >= 0 || start == EncoderDecoder.LAST_TOKEN,
                "start must be an id, or -2 for the last token of the text, got %s",
                start);
    }

    /** No layers: {@code (N, T, width)}. */
    @TypeName("none")
    public record None() implements Head {}

    public Seq2Seq {
        Check.that(
                decoder.blocks.attention().causal(),
                "decoder.blocks.attention.causal must be true, got false: a decoder reads earlier"
                        + " tokens only");
        Check.that(
                encoder.blocks.memory() == 0
                        && decoder.blocks.memory() == encoder.embedding.width(),
                "blocks.memory must be 0 in the encoder and the encoder's width, %s, in the"
                        + " decoder, got %s and %s",
                encoder.embedding.width(),
                encoder.blocks.memory(),
                decoder.blocks.memory());
    }

    @Override
    public LayerSpec withClasses(int value) {
        return head instanceof Classes classes
                ? withHead(new Classes(value, classes.start, classes.dropout))
                : Family.super.withClasses(value);
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> reading = encoder.layers();
        List<LayerSpec> writing = decoder.layers();
        TokenEmbedding targets = decoder.embedding;
        if (head instanceof Lm lm) {
            if (lm.scale != 1) {
                // Vectors have fewer elements than logits.
                writing.add(
                        Residual.builder("scale", new Sequential("", List.of()))
                                .shortcut(new ShortcutSpec.None())
                                .scale(new ScaleSpec.Constant(lm.scale))
                                .build());
            }
            String table = targets.table().isEmpty() ? "embedding.token" : targets.table();
            writing.add(
                    lm.tied
                            ? new TiedHead("head", table, targets.vocabulary(), lm.bias)
                            : new Linear(
                                    "head",
                                    targets.vocabulary(),
                                    lm.bias,
                                    new InitSpec.Normal(0.02)));
        }
        int start = -1;
        if (head instanceof Classes classes) {
            writing.addAll(classes.layers(targets.width()));
            start = classes.start;
        }
        if (head instanceof Spans spans) {
            writing.add(new Linear("spans", 2, true, new InitSpec.Normal(0.02)));
            start = spans.start;
        }
        return new EncoderDecoder(
                name, new Sequential("", reading), new Sequential("", writing), 0, start);
    }
}
