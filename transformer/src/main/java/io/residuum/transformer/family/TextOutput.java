package io.residuum.transformer.family;

import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.L2Normalize;
import io.residuum.spec.layers.Linear;
import io.residuum.transformer.seq2seq.Seq2Seq;
import java.util.Map;

/** The meaning of the output of a network that reads tokens. */
public enum TextOutput {
    /** A vector for each text. */
    EMBEDDING,
    /** Logits of the classes of each text. */
    CLASSES,
    /** Logits of the classes of each token. */
    TOKEN_CLASSES,
    /** Logits of the first and the last token of an answer. */
    SPANS,
    /** Logits of the original token at each position (masked language modeling). */
    MASKED_TOKENS,
    /** Another output, such as logits of the next token or a vector for each token. */
    OTHER;

    private static final Map<Class<?>, TextOutput> HEADS =
            Map.ofEntries(
                    Map.entry(TextEmbedding.class, EMBEDDING),
                    Map.entry(Bert.Head.Mean.class, EMBEDDING),
                    Map.entry(Bert.Head.Classes.class, CLASSES),
                    Map.entry(Bert.Head.DenseClasses.class, CLASSES),
                    Map.entry(Bert.Head.NextSentence.class, CLASSES),
                    Map.entry(DecoderHead.Classes.class, CLASSES),
                    Map.entry(Bert.Head.TokenClasses.class, TOKEN_CLASSES),
                    Map.entry(DecoderHead.TokenClasses.class, TOKEN_CLASSES),
                    Map.entry(Bert.Head.Spans.class, SPANS),
                    Map.entry(DecoderHead.Spans.class, SPANS),
                    Map.entry(Bert.Head.MaskedLm.class, MASKED_TOKENS),
                    Map.entry(Bert.Head.Tokens.class, MASKED_TOKENS),
                    Map.entry(Bert.Head.Pretraining.class, MASKED_TOKENS));

    /**
     * Returns the output of a network. One that is not a family gives a vector for each text if its
     * last layer divides vectors by their length, has classes of each token if that layer is a
     * linear one named {@code tokenClassifier}, and else has classes if its output is {@code (N,
     * classes)}.
     *
     * @param spec the network
     */
    public static TextOutput of(ModelSpec spec) {
        if (spec.network() instanceof LanguageFamily family && family.output().isPresent()) {
            return family.output().get();
        }
        if (spec.network() instanceof Seq2Seq both && both.head() instanceof Seq2Seq.Spans) {
            return SPANS;
        }
        if (spec.input() instanceof InputSpec.Tokens
                && spec.network() instanceof Sequential sequential
                && !sequential.layers().isEmpty()) {
            LayerSpec last = sequential.layers().get(sequential.layers().size() - 1);
            if (last instanceof L2Normalize) {
                return EMBEDDING;
            }
            if (last instanceof Linear && last.name().equals("tokenClassifier")) {
                return TOKEN_CLASSES;
            }
        }
        return spec.newBlock().outputShape().dimension() == 2 ? CLASSES : OTHER;
    }

    /** Returns the output of a family with a head of this package. */
    static TextOutput ofHead(Object head) {
        Object last = head instanceof DecoderHead.Transformed before ? before.head() : head;
        return HEADS.getOrDefault(last.getClass(), OTHER);
    }
}
