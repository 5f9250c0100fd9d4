package io.residuum.transformer.family;

import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.TiedHead;
import java.util.ArrayList;
import java.util.List;

/** The layers of a decoder-only model after the last norm. */
public sealed interface DecoderHead
        permits DecoderHead.Lm,
                DecoderHead.None,
                DecoderHead.Classes,
                DecoderHead.TokenClasses,
                DecoderHead.Spans,
                TextEmbedding {

    /**
     * {@return the layers}
     *
     * @param vocabulary the number of token ids
     * @param tied true if logits of tokens use the weight of the token embedding
     */
    List<LayerSpec> layers(int vocabulary, boolean tied);

    /**
     * Logits of the next token, {@code head}: {@code (N, T, vocabulary)}.
     *
     * @param bias whether the map to logits has a bias. Default: false
     * @param scale factor of the logits. Default: 1
     * @param softCap bound of the logits, {@code cap tanh(logit / cap)}; 0 for none. Default: 0
     */
    @TypeName("lm")
    @Doc("Logits of the next token, (N, T, vocabulary).")
    record Lm(
            @Default("false") boolean bias,
            @Default("1.0") double scale,
            @Default("0.0") double softCap)
            implements DecoderHead {
        public Lm {
            Check.finite("scale", scale);
            Check.that(scale != 0, "scale must not be 0");
            // The scale applies before the map, so it would not reach the bias.
            Check.that(scale == 1 || !bias, "scale must be 1 with bias, got %s", scale);
            Check.notNegative("softCap", softCap);
        }

        /** Creates a head without a bias, a factor or a bound. */
        public Lm() {
            this(false, 1, 0);
        }

        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            List<LayerSpec> layers = new ArrayList<>();
            if (scale != 1) {
                // Vectors have fewer elements than logits.
                layers.add(
                        Residual.builder("scale", new Sequential("", List.of()))
                                .shortcut(new ShortcutSpec.None())
                                .scale(new ScaleSpec.Constant(scale))
                                .build());
            }
            layers.add(
                    tied
                            ? new TiedHead("head", "embedding.token", vocabulary, bias)
                            : linear("head", vocabulary, bias));
            if (softCap > 0) {
                layers.add(new Activation("softCap", new ActivationSpec.SoftCap(softCap)));
            }
            return layers;
        }
    }

    /** No layers: {@code (N, T, width)}. */
    @TypeName("none")
    @Doc("No layers: (N, T, width).")
    record None() implements DecoderHead {
        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of();
        }
    }

    /**
     * A classifier of the last token that is not padding, {@code pool} and {@code classifier}:
     * {@code (N, count)}, without a bias (as transformers' classifiers of decoders).
     *
     * @param count number of classes
     */
    @TypeName("classes")
    @Doc("A classifier of the last token that is not padding, (N, count).")
    record Classes(int count) implements DecoderHead {
        public Classes {
            Check.positive("count", count);
        }

        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(new LastTokenPool("pool"), linear("classifier", count, false));
        }
    }

    /**
     * A classifier of each token, {@code tokenClassifier}: {@code (N, T, count)}.
     *
     * @param count number of classes
     * @param dropout dropout before the classifier. Default: 0
     */
    @TypeName("tokenClasses")
    @Doc("A classifier of each token, (N, T, count).")
    record TokenClasses(int count, @Default("0.0") double dropout) implements DecoderHead {
        public TokenClasses {
            Check.positive("count", count);
            Check.rate("dropout", dropout);
        }

        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(new Dropout("dropout", dropout), linear("tokenClassifier", count, true));
        }
    }

    /** Logits of the first and the last token of an answer, {@code spans}: {@code (N, T, 2)}. */
    @TypeName("spans")
    @Doc("Logits of the first and the last token of an answer, (N, T, 2).")
    record Spans() implements DecoderHead {
        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(linear("spans", 2, true));
        }
    }

    private static LayerSpec linear(String name, int units, boolean bias) {
        return new Linear(name, units, bias, new InitSpec.Normal(0.02));
    }
}
