package io.residuum.transformer.family;

import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
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
                DecoderHead.Transformed,
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
     * @param bias true if the map to logits has a bias. Default: false
     * @param scale factor of the logits. Default: 1
     * @param softCap bound of the logits, {@code cap tanh(logit / cap)}; 0 for none. Default: 0
     */
    @TypeName("lm")
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
    record None() implements DecoderHead {
        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of();
        }
    }

    /**
     * A classifier of the last token that is not padding, {@code pool} and {@code classifier}:
     * {@code (N, count)}.
     *
     * @param count number of classes
     * @param bias true for a bias. Default: false, as transformers' classifiers of decoders
     */
    @TypeName("classes")
    record Classes(int count, @Default("false") boolean bias) implements DecoderHead {
        public Classes {
            Check.positive("count", count);
        }

        /**
         * Creates a classifier without a bias.
         *
         * @param count number of classes
         */
        public Classes(int count) {
            this(count, false);
        }

        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(new LastTokenPool("pool"), linear("classifier", count, bias));
        }
    }

    /**
     * A classifier of each token, {@code tokenClassifier}: {@code (N, T, count)}.
     *
     * @param count number of classes
     * @param dropout dropout before the classifier. Default: 0
     */
    @TypeName("tokenClasses")
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
    record Spans() implements DecoderHead {
        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(linear("spans", 2, true));
        }
    }

    /**
     * A linear map, an activation and a norm, {@code transform}, before another head (Warner et al.
     * 2024, arXiv:2412.13663; the decoders of Ettin, Weller et al. 2025, arXiv:2507.11412).
     *
     * @param width width of the vectors
     * @param activation the activation. Default: gelu
     * @param bias true for a bias of the linear map. Default: true
     * @param norm the norm. Default: layer
     * @param head the head. Default: lm
     */
    @TypeName("transformed")
    record Transformed(
            int width,
            @Default("\"gelu\"") ActivationSpec activation,
            @Default("true") boolean bias,
            @Default("\"layer\"") NormSpec norm,
            @Default("\"lm\"") DecoderHead head)
            implements DecoderHead {
        public Transformed {
            Check.positive("width", width);
        }

        Transformed with(DecoderHead other) {
            return new Transformed(width, activation, bias, norm, other);
        }

        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            LayerSpec transform =
                    new Sequential(
                            "transform",
                            linear("dense", width, bias),
                            new Activation("activation", activation),
                            new Normalization("norm", norm));
            List<LayerSpec> layers = new ArrayList<>(List.of(transform));
            layers.addAll(head.layers(vocabulary, tied));
            return layers;
        }
    }

    private static LayerSpec linear(String name, int units, boolean bias) {
        return new Linear(name, units, bias, new InitSpec.Normal(0.02));
    }
}
