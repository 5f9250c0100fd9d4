package io.residuum.transformer.train;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.model.ModelSource;
import io.residuum.model.OwnedResources;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fits models to texts, as {@code residuum train} does. A model without weights gets the vocabulary
 * and the context of the data. Otherwise the tokenizer of the weights encodes the data.
 *
 * <pre>{@code
 * TextTraining.classifier("bert-folder", "reviews.csv", recipe).run(Path.of("run"));
 * }</pre>
 */
public final class TextTraining {
    private TextTraining() {}

    /**
     * Fits a classifier to labelled texts, with the default settings.
     *
     * @param model a preset, a spec, a run folder, a file of weights or a folder of transformers,
     *     as {@link ModelSource#of} reads it
     * @param data the texts, as {@link TextSource#parse} reads them
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model does not read text, or its weights have no tokenizer
     * @throws DataException if the texts cannot be read or have no labels
     */
    public static TrainingPlan classifier(String model, String data, Recipe recipe) {
        if (TextSource.parse(data) instanceof LabelledText texts) {
            return classifier(ModelSource.of(model), texts, recipe, TextSettings.DEFAULT);
        }
        throw new DataException(
                "a classifier needs texts with labels, got %s; use labelled:FILE".formatted(data));
    }

    /**
     * Fits a decoder to texts, with the default settings.
     *
     * @param model a preset, a spec, a run folder, a file of weights or a folder of transformers,
     *     as {@link ModelSource#of} reads it
     * @param data the texts, as {@link TextSource#parse} reads them
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model does not read text, or its weights have no tokenizer
     * @throws DataException if the texts cannot be read or have labels
     */
    public static TrainingPlan languageModel(String model, String data, Recipe recipe) {
        if (TextSource.parse(data) instanceof PlainText texts) {
            return languageModel(ModelSource.of(model), texts, recipe, TextSettings.DEFAULT);
        }
        throw new DataException(
                "a language model needs plain text, got %s; use text:FILE".formatted(data));
    }

    /**
     * Fits a classifier to labelled texts. It gets a new head if the texts have other classes.
     *
     * @param model the model, with weights or without
     * @param settings the tokenizer and the context length
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model does not read text, or its weights have no tokenizer
     * @throws DataException if the texts cannot be read
     */
    public static TrainingPlan classifier(
            ModelSource model, LabelledText source, Recipe recipe, TextSettings settings) {
        return OwnedResources.build(
                owned -> {
                    int length = settings.length(model);
                    LabelledSplits read = source.open(recipe.validation());
                    Tokenizer tokenizer =
                            settings.open(model, owned)
                                    .orElseGet(
                                            () ->
                                                    characters(
                                                            IntStream.range(0, read.train().size())
                                                                    .mapToObj(read.train()::text)));
                    List<String> changes = new ArrayList<>();
                    List<String> warnings = List.of();
                    ModelSpec spec = fitted(model, tokenizer.vocabulary(), length, changes);
                    LabelledSplits data = read;
                    int classes = data.train().classNames().size();
                    long outputs = TextOutput.of(spec) == TextOutput.CLASSES ? spec.classes() : 0;
                    if (outputs == classes) {
                        ClassMatch match = ClassMatch.of(model, outputs, data.train().classNames());
                        data = data.labelledBy(match.names());
                        warnings = match.warnings();
                    } else {
                        spec = spec.withClasses(classes);
                        changes.add(ClassMatch.newHead(classes, outputs));
                    }
                    Task task = TextClassification.on(data, tokenizer, length).withNotes(warnings);
                    return new TrainingPlan(model, spec, recipe, task, changes, owned::close);
                });
    }

    /**
     * Fits an embedding model to pairs or triplets of texts. A model with another head gets the
     * mean of its tokens.
     *
     * @param model the model, with weights or without
     * @param parts the tables, as in {@link TextTupleSplits}
     * @param settings the tokenizer and the context length
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model is no encoder or decoder of text, or its weights have no
     *     tokenizer
     * @throws DataException if the texts cannot be read
     */
    public static TrainingPlan embedder(
            ModelSource model, Parts parts, Recipe recipe, TextSettings settings) {
        return OwnedResources.build(
                owned -> {
                    int length = settings.length(model);
                    TextTupleSplits data = TextTupleSplits.open(parts, recipe.validation());
                    Tokenizer tokenizer =
                            settings.open(model, owned)
                                    .orElseGet(
                                            () ->
                                                    characters(
                                                            data.train().tuples().stream()
                                                                    .flatMap(
                                                                            t ->
                                                                                    t
                                                                                            .texts()
                                                                                            .stream())));
                    List<String> changes = new ArrayList<>();
                    ModelSpec spec = fitted(model, tokenizer.vocabulary(), length, changes);
                    if (TextOutput.of(spec) != TextOutput.EMBEDDING) {
                        if (!(spec.network() instanceof LanguageFamily family)) {
                            throw new SpecException(
                                    "learning embeddings needs an encoder or a decoder of text, got %s; give it the head embedding"
                                            .formatted(model.label()));
                        }
                        spec =
                                spec.withNetwork(
                                        family.withEmbedding(
                                                new TextEmbedding(Pooling.MEAN, true)));
                        changes.add("the head: the mean of the tokens' vectors, with length 1");
                    }
                    Task task =
                            TextSimilarity.on(
                                    data, tokenizer, length, Prompts.of(model.metadata()));
                    return new TrainingPlan(model, spec, recipe, task, changes, owned::close);
                });
    }

    /**
     * Fits a decoder to texts, to predict the next token.
     *
     * @param model the model, with weights or without
     * @param settings the tokenizer and the context length
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model does not read text, or its weights have no tokenizer
     * @throws DataException if the texts cannot be read
     */
    public static TrainingPlan languageModel(
            ModelSource model, PlainText source, Recipe recipe, TextSettings settings) {
        return OwnedResources.build(
                owned -> {
                    int length = settings.length(model);
                    TextSplits data =
                            settings.open(model, owned)
                                    .map(tokenizer -> source.open(tokenizer, recipe.validation()))
                                    .orElseGet(() -> source.open(recipe.validation()));
                    Tokenizer tokenizer = data.tokenizer();
                    List<String> changes = new ArrayList<>();
                    ModelSpec spec = fitted(model, tokenizer.vocabulary(), length, changes);
                    Task task = LanguageModeling.on(data, length);
                    return new TrainingPlan(model, spec, recipe, task, changes, owned::close);
                });
    }

    /**
     * Fits an encoder to texts, to predict masked tokens. A {@code bert} with another head gets a
     * new one.
     *
     * @param model the model, with weights or without
     * @param settings the tokenizer and the context length
     * @return the plan, to be run or closed by the caller
     * @throws SpecException if the model does not read text, or its weights have no tokenizer
     * @throws DataException if the texts cannot be read
     */
    public static TrainingPlan maskedLanguageModel(
            ModelSource model, PlainText source, Recipe recipe, TextSettings settings) {
        return OwnedResources.build(
                owned -> {
                    int length = settings.length(model);
                    TextSplits data =
                            settings.open(model, owned)
                                    .map(tokenizer -> source.open(tokenizer, recipe.validation()))
                                    .orElseGet(() -> withUnknown(source.open(recipe.validation())));
                    Tokenizer tokenizer = data.tokenizer();
                    List<String> changes = new ArrayList<>();
                    ModelSpec spec =
                            fitted(
                                    model,
                                    MaskedLanguageModeling.vocabulary(tokenizer),
                                    length,
                                    changes);
                    if (spec.network() instanceof Bert bert
                            && !(bert.head() instanceof Bert.Head.MaskedLm)) {
                        spec = spec.withNetwork(bert.withHead(new Bert.Head.MaskedLm()));
                        changes.add("the head: new, for masked language modeling");
                    }
                    Task task = MaskedLanguageModeling.on(data, length);
                    return new TrainingPlan(model, spec, recipe, task, changes, owned::close);
                });
    }

    /** An encoder is fine-tuned on other texts, which may contain other characters. */
    private static TextSplits withUnknown(TextSplits data) {
        return data.tokenizer() instanceof CharTokenizer characters
                ? new TextSplits(
                        data.source(),
                        data.train(),
                        data.validation(),
                        data.test(),
                        data.heldOut(),
                        characters.withUnknown())
                : data;
    }

    /** Returns a tokenizer of the characters of texts, which reads others as unknown. */
    private static Tokenizer characters(Stream<String> texts) {
        return CharTokenizer.of(texts.collect(Collectors.joining("\n"))).withUnknown();
    }

    /** Returns the model, with vocabulary and context of the data unless it has weights. */
    private static ModelSpec fitted(ModelSource model, int ids, int length, List<String> changes) {
        if (model.weights().isPresent()) {
            return model.spec();
        }
        InputSpec.Tokens before = TextSettings.input(model);
        ModelSpec spec = LanguageFamily.resized(model.spec(), ids);
        if (before.vocabulary() != ids) {
            changes.add(
                    String.format(
                            Locale.ROOT,
                            "the vocabulary: %,d tokens of the data instead of %,d",
                            ids,
                            before.vocabulary()));
        }
        if (before.length() != length) {
            changes.add("the context: %d tokens instead of %d".formatted(length, before.length()));
            spec = spec.withInput(new InputSpec.Tokens(length, ids));
        }
        return spec;
    }
}
