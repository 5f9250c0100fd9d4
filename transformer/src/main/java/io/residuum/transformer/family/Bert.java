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
import io.residuum.spec.layers.Linear;
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
 * A bidirectional encoder for text: BERT (Devlin et al. 2019, arXiv:1810.04805), RoBERTa (Liu et
 * al. 2019, arXiv:1907.11692), DistilBERT (Sanh et al. 2019, arXiv:1910.01108), ELECTRA (Clark et
 * al. 2020, arXiv:2003.10555), MPNet (Song et al. 2020, arXiv:2004.09297), ALBERT (Lan et al. 2020,
 * arXiv:1909.11942), ModernBERT (Warner et al. 2024, arXiv:2412.13663). Its layers are named {@code
 * embedding}, {@code projection} if the embeddings have another width, {@code blocks}, and as the
 * head says. Side inputs are {@code mask}, 0 for padding, and {@code segments}.
 *
 * @param vocabulary number of token ids
 * @param width width of the vectors
 * @param depth number of blocks
 * @param heads number of attention heads
 * @param mlpRatio hidden width of the feed-forward network divided by width. Default: 4
 * @param activation activation of the feed-forward network. Default: gelu
 * @param segments number of segments, 0 for none. Default: 2
 * @param positionTable kind of position vectors added to the embeddings. Default: learned
 * @param positions number of learned rows of positions; 0 for those that the input needs. Default:
 *     0
 * @param positionOffset learned row of the first position. Default: 0
 * @param embeddingWidth width of the embeddings, which a linear map extends to width; 0 for width.
 *     Default: 0
 * @param norm kind of norm. Default: layer, eps 1e-12
 * @param placement placement of the norms. Default: post
 * @param blocks settings of the blocks. Default: those of BERT
 * @param dropout dropout of embeddings, attention weights, branches and the classifier; one rate
 *     for all, or an object. Default: 0.1
 * @param transform layers between the blocks or the pool and the map of a head. Default: none
 * @param head layers after the blocks. Default: pooler
 */
@WithBuilder
@TypeName("bert")
public record Bert(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        int depth,
        int heads,
        @Default("4.0") double mlpRatio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("2") int segments,
        @Default("\"learned\"") PositionTable positionTable,
        @Default("0") int positions,
        @Default("0") int positionOffset,
        @Default("0") int embeddingWidth,
        @Default("{\"type\": \"layer\", \"eps\": 1e-12}") NormSpec norm,
        @Default("\"post\"") NormPlacement placement,
        @Default("{}") EncoderBlocks blocks,
        @Default("0.1") DropoutRates dropout,
        @Default("{}") HeadTransform transform,
        @Default("\"pooler\"") Head head)
        implements LanguageFamily, BertBuilder.With {

    static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** The layers after the blocks. */
    public sealed interface Head
            permits Head.None,
                    Head.Pooler,
                    Head.Mean,
                    Head.MaskedLm,
                    Head.Pretraining,
                    Head.Classes,
                    Head.DenseClasses,
                    Head.Tokens,
                    Head.TokenClasses,
                    Head.Spans,
                    Head.ReplacedTokens,
                    Head.NextSentence,
                    TextEmbedding {

        /** No layers: {@code (N, T, width)}. */
        @TypeName("none")
        record None() implements Head {}

        /** A linear map and tanh of the first token, {@code pooler}: {@code (N, width)}. */
        @TypeName("pooler")
        record Pooler() implements Head {}

        /**
         * The mean of all tokens except padding, {@code pool}: {@code (N, width)} (Reimers and
         * Gurevych 2019, arXiv:1908.10084, Section 3).
         */
        @TypeName("mean")
        record Mean() implements Head {}

        /**
         * Logits of the original tokens, {@code maskedLm}: {@code (N, T, vocabulary)}. A map of its
         * own to the logits is {@code maskedLm.output}.
         *
         * @param tied true if the logits use the weight of the token embedding. Default: true
         * @param width width of the hidden layer, which is that of the embeddings if tied; 0 for
         *     that. Default: 0
         */
        @TypeName("maskedLm")
        record MaskedLm(@Default("true") boolean tied, @Default("0") int width) implements Head {
            public MaskedLm {
                Check.notNegative("width", width);
                Check.that(width == 0 || !tied, "width must be 0 with tied, got %s", width);
            }

            /** Creates a head with the weight of the token embedding. */
            public MaskedLm() {
                this(true, 0);
            }
        }

        /**
         * The two heads of pretraining, inside {@code head}. The output is that of {@code
         * maskedLm}; forward hooks read {@code head.nextSentence} {@code (N, 2)}.
         *
         * @param tied true if the logits of tokens use the weight of the token embedding. Default:
         *     true
         */
        @TypeName("pretraining")
        record Pretraining(@Default("true") boolean tied) implements Head {
            /** Creates a head with the weight of the token embedding. */
            public Pretraining() {
                this(true);
            }
        }

        /**
         * A classifier, {@code classifier}: {@code (N, count)}.
         *
         * @param count number of classes
         * @param pool input of the classifier. Default: pooler
         */
        @TypeName("classes")
        record Classes(int count, @Default("\"pooler\"") Pool pool) implements Head {
            public Classes {
                Check.positive("count", count);
            }
        }

        /**
         * A classifier with a hidden layer, {@code head.dense} and {@code head.output}: {@code (N,
         * count)}.
         *
         * @param count number of classes
         * @param activation activation of the hidden layer. Default: tanh
         * @param pool tokens that it reads. Default: the first
         */
        @TypeName("denseClasses")
        record DenseClasses(
                int count,
                @Default("\"tanh\"") ActivationSpec activation,
                @Default("\"first\"") DensePool pool)
                implements Head {
            public DenseClasses {
                Check.positive("count", count);
            }

            /**
             * Creates a classifier of the first token.
             *
             * @param count number of classes
             * @param activation activation of the hidden layer
             */
            public DenseClasses(int count, ActivationSpec activation) {
                this(count, activation, DensePool.FIRST);
            }
        }

        /**
         * Logits of the original tokens by one linear map, {@code head}: {@code (N, T,
         * vocabulary)}.
         *
         * @param bias true if the map has a bias. Default: false
         * @param tied true if the map uses the weight of the token embedding. Default: false
         */
        @TypeName("tokens")
        record Tokens(@Default("false") boolean bias, @Default("false") boolean tied)
                implements Head {}

        /**
         * A classifier of each token, {@code tokenClassifier}: {@code (N, T, count)}.
         *
         * @param count number of classes
         */
        @TypeName("tokenClasses")
        record TokenClasses(int count) implements Head {
            public TokenClasses {
                Check.positive("count", count);
            }
        }

        /**
         * Logits of the first and the last token of an answer, {@code spans}: {@code (N, T, 2)}.
         */
        @TypeName("spans")
        record Spans() implements Head {}

        /** Logits of replaced tokens, {@code discriminator}: {@code (N, T, 1)}. */
        @TypeName("replacedTokens")
        record ReplacedTokens() implements Head {}

        /**
         * Logits of whether the second text follows the first, {@code pooler} and {@code
         * nextSentence}: {@code (N, 2)}.
         */
        @TypeName("nextSentence")
        record NextSentence() implements Head {}
    }

    /**
     * A linear map, an activation and a norm, {@code transform} (Warner et al. 2024). The head for
     * masked tokens has such layers in any case.
     *
     * @param used true if heads other than that for masked tokens have these layers. Default: false
     * @param bias true if the linear map has a bias. Default: true
     * @param activation its activation; without {@code used} or {@code fixed} that of the network.
     *     Default: gelu
     * @param tokenBias true if logits of tokens have a bias. Default: true
     * @param fixed true if the head for masked tokens has {@code activation} also without {@code
     *     used}, as in RoBERTa. Default: false
     * @param pooler activation of the pooler. Default: tanh
     */
    @WithBuilder
    public record HeadTransform(
            @Default("false") boolean used,
            @Default("true") boolean bias,
            @Default("\"gelu\"") ActivationSpec activation,
            @Default("true") boolean tokenBias,
            @Default("false") boolean fixed,
            @Default("\"tanh\"") ActivationSpec pooler)
            implements BertHeadTransformBuilder.With {
        static final HeadTransform NONE = Defaults.fill(BertHeadTransformBuilder.builder()).build();
    }

    /** The tokens that a classifier with a hidden layer reads. */
    public enum DensePool {
        /** The first token. */
        FIRST,
        /** The mean of all tokens except padding. */
        MEAN,
        /** Each token; the output is the mean of their logits, except padding. */
        LATE
    }

    /** The input of a classifier. */
    public enum Pool {
        /** The first token. */
        FIRST,
        /** A linear map and tanh of the first token. */
        POOLER,
        /** The mean of all tokens except padding. */
        MEAN
    }

    public Bert {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("heads", heads);
        Check.notNegative("positions", positions);
        Check.notNegative("embeddingWidth", embeddingWidth);
    }

    /** {@return a BERT (Devlin et al. 2019, Section 3), other components at their defaults} */
    static Bert of(int vocabulary, int width, int depth, int heads) {
        return Defaults.fill(BertBuilder.builder())
                .vocabulary(vocabulary)
                .width(width)
                .depth(depth)
                .heads(heads)
                .build();
    }

    @Override
    public Bert withClasses(int classes) {
        if (head instanceof Head.DenseClasses dense) {
            return withHead(new Head.DenseClasses(classes, dense.activation(), dense.pool()));
        }
        return withHead(new Head.Classes(classes, pool()));
    }

    private Pool pool() {
        if (head instanceof Head.Classes classes) {
            return classes.pool();
        }
        if (head instanceof Head.Mean) {
            return Pool.MEAN;
        }
        return transform.used() ? Pool.FIRST : Pool.POOLER;
    }

    @Override
    public Bert withEmbedding(TextEmbedding value) {
        return withHead(value);
    }

    @Override
    public Optional<TextOutput> output() {
        return Optional.of(TextOutput.ofHead(head));
    }

    @Override
    public Bert withPositions(int value) {
        return with().positions(value + positionOffset).build();
    }

    @Override
    public Bert withVocabulary(int value) {
        return with().vocabulary(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        Attention attention =
                Attention.builder(heads)
                        .projection(Attention.Projection.of(false, true, INIT))
                        .weightDropout(dropout.attention())
                        .dropout(dropout.branch())
                        .build();
        FeedForward mlp = FeedForward.plain(mlpRatio, activation, dropout.branch(), INIT);
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                TokenEmbedding.of(vocabulary, embedded(), positionTable, dropout.embedding())
                        .with()
                        .length(positions)
                        .offset(positionOffset)
                        .segments(segments)
                        .norm(blocks.embeddingNorm() ? norm : NormSpec.NONE)
                        .init(INIT)
                        .build());
        // ALBERT and RemBERT map embeddings of any width.
        if (embeddingWidth > 0 || blocks.tied().groups() > 0) {
            layers.add(new Linear("projection", width, true, INIT));
        }
        layers.add(blocks.of(this, attention, mlp));
        if (!placement.normsSum()) {
            layers.add(new Normalization("norm", norm));
        }
        layers.addAll(BertHeadLayers.of(this));
        return new Sequential(name, layers);
    }

    /** {@return the width of the embeddings} */
    int embedded() {
        return embeddingWidth == 0 ? width : embeddingWidth;
    }
}
