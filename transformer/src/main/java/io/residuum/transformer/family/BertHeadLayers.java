package io.residuum.transformer.family;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.family.Bert.Head;
import io.residuum.transformer.layers.Heads;
import io.residuum.transformer.layers.TakeToken;
import io.residuum.transformer.layers.TiedHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds the layers of the heads of {@link Bert}. */
record BertHeadLayers(Bert bert) {
    /** {@return the layers after the blocks of a network} */
    static List<LayerSpec> of(Bert bert) {
        return new BertHeadLayers(bert).layers();
    }

    private List<LayerSpec> layers() {
        Head head = bert.head();
        if (head instanceof Head.None) {
            return List.of();
        }
        if (head instanceof Head.Pooler) {
            return List.of(pooler());
        }
        if (head instanceof Head.Mean) {
            return List.of(mean());
        }
        if (head instanceof TextEmbedding embedding) {
            return embedding.layers();
        }
        if (head instanceof Head.MaskedLm masked) {
            return List.of(maskedLm(masked));
        }
        if (head instanceof Head.Classes classes) {
            return classified(
                    switch (classes.pool()) {
                        case MEAN -> mean();
                        case FIRST -> new TakeToken("first", 0);
                        case POOLER -> pooler();
                    },
                    new Linear("classifier", classes.count(), true, Bert.INIT));
        }
        if (head instanceof Head.DenseClasses classes) {
            return List.of(denseClasses(classes));
        }
        if (head instanceof Head.Tokens tokens) {
            return List.of(tokens(tokens));
        }
        if (head instanceof Head.TokenClasses tokens) {
            return classified(null, new Linear("tokenClassifier", tokens.count(), true, Bert.INIT));
        }
        if (head instanceof Head.Spans) {
            return bert.transform().used()
                    ? classified(null, new Linear("spans", 2, true, Bert.INIT))
                    : List.of(new Linear("spans", 2, true, Bert.INIT));
        }
        if (head instanceof Head.ReplacedTokens) {
            return List.of(
                    new Sequential(
                            "discriminator",
                            new Linear("dense", bert.width(), true, Bert.INIT),
                            new Activation("activation", bert.activation()),
                            new Linear("output", 1, true, Bert.INIT)));
        }
        if (head instanceof Head.NextSentence) {
            return List.of(pooler(), new Linear("nextSentence", 2, true, Bert.INIT));
        }
        Head.MaskedLm masked = new Head.MaskedLm(((Head.Pretraining) head).tied(), 0);
        LayerSpec nextSentence =
                new Sequential(
                        "nextSentence", pooler(), new Linear("classifier", 2, true, Bert.INIT));
        return List.of(new Heads("head", List.of(maskedLm(masked), nextSentence)));
    }

    private List<LayerSpec> classified(@Nullable LayerSpec pool, Linear map) {
        List<LayerSpec> layers = new ArrayList<>();
        if (pool != null) {
            layers.add(pool);
        }
        if (bert.transform().used()) {
            layers.add(new Sequential("transform", transformed(bert.width())));
        }
        layers.add(new Dropout("dropout", bert.dropout().classifier()));
        layers.add(map);
        return layers;
    }

    private List<LayerSpec> transformed(int units) {
        return List.of(
                new Linear("dense", units, bert.transform().bias(), Bert.INIT),
                new Activation(
                        "activation",
                        bert.transform().used() || bert.transform().fixed()
                                ? bert.transform().activation()
                                : bert.activation()),
                new Normalization("norm", bert.norm()));
    }

    private static LayerSpec mean() {
        return new GlobalAveragePool("pool", true);
    }

    private LayerSpec pooler() {
        return new Sequential(
                "pooler",
                new TakeToken("first", 0),
                new Linear("dense", bert.width(), true, Bert.INIT),
                new Activation("tanh", bert.transform().pooler()));
    }

    private LayerSpec denseClasses(Head.DenseClasses classes) {
        List<LayerSpec> layers = new ArrayList<>();
        if (classes.pool() == Bert.DensePool.FIRST) {
            layers.add(new TakeToken("first", 0));
        } else if (classes.pool() == Bert.DensePool.MEAN) {
            layers.add(mean());
        }
        layers.add(new Linear("dense", bert.width(), true, Bert.INIT));
        layers.add(new Activation("activation", classes.activation()));
        layers.add(new Dropout("dropout", bert.dropout().classifier()));
        layers.add(new Linear("output", classes.count(), true, Bert.INIT));
        if (classes.pool() == Bert.DensePool.LATE) {
            layers.add(mean());
        }
        return new Sequential("head", layers);
    }

    private LayerSpec tokens(Head.Tokens tokens) {
        return tokens.tied()
                ? new TiedHead("head", "embedding.token", bert.vocabulary(), tokens.bias())
                : new Linear("head", bert.vocabulary(), tokens.bias(), Bert.INIT);
    }

    private LayerSpec maskedLm(Head.MaskedLm head) {
        int width = head.width() == 0 ? bert.embedded() : head.width();
        boolean bias = bert.transform().tokenBias();
        List<LayerSpec> layers = new ArrayList<>(transformed(width));
        layers.add(
                head.tied()
                        ? new TiedHead("decoder", "embedding.token", bert.vocabulary(), bias)
                        : new Linear("output", bert.vocabulary(), bias, Bert.INIT));
        return new Sequential("maskedLm", layers);
    }
}
