package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.TiedHead;
import java.util.List;

/** The layers of a decoder-only model after the last norm. */
public sealed interface DecoderHead
        permits DecoderHead.Lm, DecoderHead.None, DecoderHead.Classes, TextEmbedding {

    /**
     * {@return the layers}
     *
     * @param vocabulary the number of token ids
     * @param tied true if logits of tokens use the weight of the token embedding
     */
    List<LayerSpec> layers(int vocabulary, boolean tied);

    /** Logits of the next token, {@code head}: {@code (N, T, vocabulary)}. */
    @TypeName("lm")
    @Doc("Logits of the next token, (N, T, vocabulary).")
    record Lm() implements DecoderHead {
        @Override
        public List<LayerSpec> layers(int vocabulary, boolean tied) {
            return List.of(
                    tied
                            ? new TiedHead("head", "embedding.token", vocabulary, false)
                            : linear("head", vocabulary));
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
            return List.of(new LastTokenPool("pool"), linear("classifier", count));
        }
    }

    private static LayerSpec linear(String name, int units) {
        return new Linear(name, units, false, new InitSpec.Normal(0.02));
    }
}
