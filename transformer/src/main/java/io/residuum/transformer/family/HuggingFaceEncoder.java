package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.layers.PositionTable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads the settings of text encoders of transformers. */
final class HuggingFaceEncoder {

    /** The names of settings that model types name differently. */
    private record Keys(
            String width,
            String depth,
            String heads,
            String mlpWidth,
            String activation,
            String dropout,
            String attentionDropout,
            String classifierDropout) {}

    private static final Keys KEYS =
            new Keys(
                    "hidden_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "intermediate_size",
                    "hidden_act",
                    "hidden_dropout_prob",
                    "attention_probs_dropout_prob",
                    "classifier_dropout");

    private static final Keys DISTILLED =
            new Keys(
                    "dim",
                    "n_layers",
                    "n_heads",
                    "hidden_dim",
                    "activation",
                    "dropout",
                    "attention_dropout",
                    "seq_classif_dropout");

    private static final Keys SHARED =
            new Keys(
                    "hidden_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "intermediate_size",
                    "hidden_act",
                    "hidden_dropout_prob",
                    "attention_probs_dropout_prob",
                    "classifier_dropout_prob");

    /** The settings that only some model types have. */
    private enum Trait {
        /** The first position has the row after that of {@code pad_token_id}. */
        OFFSET,
        /** Embeddings of another width than the blocks. */
        PROJECTION,
        /** Segments, and the eps of the norms. */
        SEGMENTS,
        /** A pooler in the model without a head. */
        POOLER,
        /** The first position has the row 2, whatever {@code pad_token_id} says. */
        ROW_2,
        /** Relative position biases. */
        RELATIVE,
        /** Blocks that share their weights. */
        TIED,
        /** Embeddings that are always mapped, and a hidden layer before logits of another width. */
        OUTPUT,
        /** Norms before the branches and after the blocks. */
        PRE_NORM,
        /** Embeddings without a norm. */
        BARE,
        /** One vector for each text, that of its first token. */
        VECTOR,
        /** Rotary positions, and a classifier with the activation of the blocks. */
        ROTARY
    }

    /**
     * A model type.
     *
     * @param prefix the first part of the names of its classes
     * @param vocabulary the size of the vocabulary if a file does not say it
     * @param classes the head of its sequence classifier, for one class
     */
    private record Type(
            String prefix, int vocabulary, Keys keys, Bert.Head classes, Set<Trait> traits) {
        boolean has(Trait trait) {
            return traits.contains(trait);
        }

        /** {@return true if the head for masked tokens has GELU, whatever the blocks have} */
        boolean activatesByGelu() {
            return has(Trait.OFFSET) || has(Trait.ROW_2) || prefix.equals("Electra");
        }
    }

    private static final Bert.Head POOLED = new Bert.Head.Classes(1, Bert.Pool.POOLER);

    private static final Map<String, Type> TYPES = new TreeMap<>();

    static {
        Bert.Head tanh = dense(new ActivationSpec.Tanh());
        bert("bert", "Bert", 30522);
        bert("ernie", "Ernie", 30522);
        put("dpr", "DPR", 30522, KEYS, POOLED, Trait.SEGMENTS, Trait.VECTOR);
        bert("megatron-bert", "MegatronBert", 29056, Trait.PRE_NORM, Trait.BARE);
        roberta("roberta", "Roberta", 50265);
        roberta("xlm-roberta", "XLMRoberta", 30522);
        roberta("camembert", "Camembert", 30522);
        roberta("data2vec-text", "Data2VecText", 30522);
        roberta("roberta-prelayernorm", "RobertaPreLayerNorm", 50265, Trait.PRE_NORM);
        roberta("xlm-roberta-xl", "XLMRobertaXL", 250880, Trait.PRE_NORM, Trait.BARE);
        put("distilbert", "DistilBert", 30522, DISTILLED, dense(ActivationSpec.RELU));
        put("mpnet", "MPNet", 30527, KEYS, tanh, Trait.POOLER, Trait.ROW_2, Trait.RELATIVE);
        Trait segments = Trait.SEGMENTS;
        Trait projects = Trait.PROJECTION;
        put(
                "albert",
                "Albert",
                30000,
                SHARED,
                POOLED,
                segments,
                Trait.POOLER,
                projects,
                Trait.TIED);
        put("rembert", "RemBert", 250300, SHARED, POOLED, segments, Trait.POOLER, Trait.OUTPUT);
        Bert.Head gelu = dense(new ActivationSpec.Gelu());
        put("electra", "Electra", 30522, KEYS, gelu, segments, projects);
        put("roformer", "RoFormer", 50000, KEYS, gelu, segments, projects, Trait.ROTARY);
    }

    /** The value of {@code model_type} of every encoder. */
    static final Set<String> NAMES = Collections.unmodifiableSet(TYPES.keySet());

    private HuggingFaceEncoder() {}

    private static void put(
            String type, String prefix, int ids, Keys keys, Bert.Head classes, Trait... traits) {
        TYPES.put(type, new Type(prefix, ids, keys, classes, Set.of(traits)));
    }

    private static void bert(String type, String prefix, int ids, Trait... traits) {
        put(type, prefix, ids, KEYS, POOLED, with(traits, Trait.SEGMENTS, Trait.POOLER));
    }

    private static void roberta(String type, String prefix, int ids, Trait... traits) {
        Trait[] all = with(traits, Trait.SEGMENTS, Trait.POOLER, Trait.OFFSET);
        put(type, prefix, ids, KEYS, dense(new ActivationSpec.Tanh()), all);
    }

    private static Trait[] with(Trait[] traits, Trait... others) {
        return Stream.of(traits, others).flatMap(Stream::of).toArray(Trait[]::new);
    }

    private static Bert.Head dense(ActivationSpec activation) {
        return new Bert.Head.DenseClasses(1, activation);
    }

    /**
     * Reads a configuration.
     *
     * @param type its {@code model_type}, one of {@link #NAMES}
     */
    static ModelDescription read(String type, ConfigObject settings, String name) {
        Type model = TYPES.get(type);
        if (model == null) {
            throw new IllegalArgumentException("no encoder: " + type);
        }
        requireSupported(settings, model);
        String architecture = architecture(settings, model);
        ClassLabels labels = TransformersConfig.labels(settings, architecture);
        Keys keys = model.keys;
        int width = settings.integer(keys.width, 768);
        int vocabulary = settings.integer("vocab_size", model.vocabulary);
        double dropout = settings.number(keys.dropout, 0.1);
        boolean projects = model.has(Trait.PROJECTION);
        ActivationSpec activation =
                HuggingFaceConfig.activation(
                        settings, keys.activation, model.has(Trait.TIED) ? "gelu_new" : "gelu");
        Bert.Head head = head(settings, architecture, model, labels.count(), activation);
        boolean fixed = model.activatesByGelu() && !(activation instanceof ActivationSpec.Gelu);
        boolean output = model.has(Trait.OUTPUT);
        boolean rotary = model.has(Trait.ROTARY);
        int embedded = projects ? settings.integer("embedding_size", rotary ? width : 128) : 0;
        if (output) {
            embedded = settings.integer("input_embedding_size", 256);
        }
        int rows = settings.integer("max_position_embeddings", rotary ? 1536 : 512);
        int offset = model.has(Trait.OFFSET) ? settings.integer("pad_token_id", 1, 0) + 1 : 0;
        if (model.has(Trait.ROW_2)) {
            offset = 2;
        }
        Bert network =
                Bert.of(
                                vocabulary,
                                width,
                                settings.integer(keys.depth, 12),
                                settings.integer(keys.heads, 12))
                        .with()
                        .mlpRatio(settings.integer(keys.mlpWidth, 4 * width) / (double) width)
                        .activation(activation)
                        .segments(
                                model.has(Trait.SEGMENTS)
                                        ? settings.integer("type_vocab_size", 2)
                                        : 0)
                        .positionTable(rotary ? PositionTable.NONE : PositionTable.LEARNED)
                        .positionOffset(offset)
                        .embeddingWidth(embedded == width && !output ? 0 : embedded)
                        .norm(norm(settings, model))
                        .placement(
                                model.has(Trait.PRE_NORM) ? NormPlacement.PRE : NormPlacement.POST)
                        .blocks(blocks(settings, model).withEmbeddingNorm(!model.has(Trait.BARE)))
                        .dropout(
                                new DropoutRates(
                                        dropout,
                                        settings.number(keys.attentionDropout, 0.1),
                                        dropout,
                                        settings.number(keys.classifierDropout, dropout)))
                        .transform(transform(settings, architecture, model).withFixed(fixed))
                        .head(head)
                        .build();
        return labels.describe(
                new ModelSpec(name, new InputSpec.Tokens(rows - offset, vocabulary), network));
    }

    /** Refuses settings that our networks do not have, and accepts those without effect. */
    private static void requireSupported(ConfigObject settings, Type model) {
        String positions = settings.text("position_embedding_type", "absolute");
        settings.must("position_embedding_type", positions.equals("absolute"), "\"absolute\"");
        // The first BERT's own code wrote these; transformers never read them.
        settings.ignore(
                "directionality",
                "pooler_fc_size",
                "pooler_num_attention_heads",
                "pooler_num_fc_layers",
                "pooler_size_per_head",
                "pooler_type");
        // A constant row of the embeddings, whose number transformers takes as a further input.
        settings.mustBeFalse("use_task_id");
        settings.ignore("task_type_vocab_size");
        if (!model.has(Trait.SEGMENTS)) {
            // Sinusoidal rows are stored as learned ones. qa_dropout acts in training only.
            settings.ignore("sinusoidal_pos_embds", "qa_dropout");
        }
    }

    /** {@return the layers before the map of a head; those of ELECTRA's choices summarize them} */
    private static Bert.HeadTransform transform(
            ConfigObject settings, String architecture, Type model) {
        if (!model.prefix.equals("Electra")) {
            return Bert.HeadTransform.NONE;
        }
        String[] keys = {"summary_activation", "summary_type", "summary_use_proj"};
        settings.ignore("summary_last_dropout", "summary_first_dropout", "summary_proj_to_labels");
        if (!architecture.equals("ForMultipleChoice")) {
            settings.ignore(keys);
            return Bert.HeadTransform.NONE;
        }
        boolean first = settings.text("summary_type", "first").equals("first");
        settings.must("summary_type", first, "first, which padding does not change");
        settings.must("summary_use_proj", settings.flag("summary_use_proj", true), "true");
        return Bert.HeadTransform.NONE.withPooler(
                HuggingFaceConfig.activation(settings, "summary_activation", "gelu"));
    }

    private static EncoderBlocks blocks(ConfigObject settings, Type model) {
        if (model.has(Trait.RELATIVE)) {
            // transformers computes the buckets of 32, whatever the size of the table.
            int buckets = settings.integer("relative_attention_num_buckets", 32);
            settings.must("relative_attention_num_buckets", buckets == 32, "32");
            return EncoderBlocks.BERT.withPosition(new PositionSpec.Relative(32, 128, "", false));
        }
        if (model.has(Trait.ROTARY)) {
            // Su et al. 2021, arXiv:2104.09864. The default rotates no values.
            settings.mustBeFalse("rotary_value");
            return EncoderBlocks.BERT.withPosition(
                    new PositionSpec.Rotary(10000, true, RotaryScaling.NONE, 0, true));
        }
        if (model.has(Trait.TIED)) {
            return EncoderBlocks.BERT.withTied(
                    new EncoderBlocks.Tied(
                            settings.integer("num_hidden_groups", 1),
                            settings.integer("inner_group_num", 1)));
        }
        return EncoderBlocks.BERT;
    }

    private static NormSpec norm(ConfigObject settings, Type model) {
        return model.has(Trait.SEGMENTS) || model.has(Trait.RELATIVE)
                ? HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-12)
                : new NormSpec.OfLayer(1e-12, 1);
    }

    private static String architecture(ConfigObject settings, Type model) {
        if (model.has(Trait.VECTOR)) {
            return HuggingFaceConfig.architecture(
                            settings,
                            "DPRContextEncoder",
                            "DPRContextEncoder",
                            "DPRQuestionEncoder")
                    .substring(model.prefix.length());
        }
        Stream<String> common =
                Stream.of(
                        "Model",
                        "ForMaskedLM",
                        "ForSequenceClassification",
                        "ForTokenClassification",
                        "ForQuestionAnswering");
        boolean follows = List.of("Bert", "Ernie", "MegatronBert").contains(model.prefix);
        boolean pretrains = follows || List.of("Albert", "Electra").contains(model.prefix);
        String[] supported =
                Stream.of(
                                common,
                                pretrains ? Stream.of("ForPreTraining") : Stream.<String>of(),
                                follows
                                        ? Stream.of("ForNextSentencePrediction")
                                        : Stream.<String>of(),
                                // RoFormer's choices depend on the padding after them.
                                model.has(Trait.ROTARY)
                                        ? Stream.<String>of()
                                        : Stream.of("ForMultipleChoice"))
                        .flatMap(names -> names)
                        .map(model.prefix::concat)
                        .toArray(String[]::new);
        String found = HuggingFaceConfig.architecture(settings, supported[0], supported);
        return found.substring(model.prefix.length());
    }

    /** {@return the vector of the first token of DPR (Karpukhin et al. 2020, arXiv:2004.04906)} */
    private static Bert.Head vector(ConfigObject settings) {
        int units = settings.integer("projection_dim", 0, 0);
        List<TextEmbedding.Dense> projection =
                units == 0
                        ? List.of()
                        : List.of(new TextEmbedding.Dense(units, true, new ActivationSpec.None()));
        return new TextEmbedding(List.of(Pooling.CLS), projection, false);
    }

    private static Bert.Head head(
            ConfigObject settings,
            String architecture,
            Type model,
            int classes,
            ActivationSpec activation) {
        boolean wide = model.has(Trait.OUTPUT);
        boolean tied = settings.flag("tie_word_embeddings", !wide);
        int hidden = wide ? settings.integer("output_embedding_size", 1664) : 0;
        boolean decodes = architecture.equals("ForMaskedLM");
        settings.must("tie_word_embeddings", !wide || !tied || !decodes, "false");
        return switch (architecture) {
            case "ContextEncoder", "QuestionEncoder" -> vector(settings);
            case "ForMaskedLM" -> new Bert.Head.MaskedLm(tied, hidden);
            case "ForPreTraining" ->
                    model.prefix.equals("Electra")
                            ? new Bert.Head.ReplacedTokens()
                            : new Bert.Head.Pretraining(tied);
            case "ForSequenceClassification" ->
                    model.classes instanceof Bert.Head.DenseClasses dense
                            ? new Bert.Head.DenseClasses(
                                    classes,
                                    model.has(Trait.ROTARY) ? activation : dense.activation())
                            : new Bert.Head.Classes(classes, Bert.Pool.POOLER);
            case "ForMultipleChoice" ->
                    model.prefix.equals("DistilBert")
                            ? model.classes
                            : new Bert.Head.Classes(1, Bert.Pool.POOLER);
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            case "ForNextSentencePrediction" -> new Bert.Head.NextSentence();
            case "ForQuestionAnswering" -> new Bert.Head.Spans();
            default -> model.has(Trait.POOLER) ? new Bert.Head.Pooler() : new Bert.Head.None();
        };
    }
}
