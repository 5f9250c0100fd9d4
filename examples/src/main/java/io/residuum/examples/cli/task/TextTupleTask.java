package io.residuum.examples.cli.task;

import io.residuum.data.Parts;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.Recipe;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.transformer.train.TextSimilarity;
import java.util.ArrayList;
import java.util.List;

/**
 * Contrastive learning of embeddings. A network with another head gets the mean of its tokens. If
 * its weights are random, its vocabulary and context follow the data.
 *
 * @param text the value of {@code --data}
 * @param parts the tables
 */
record TextTupleTask(String text, Parts parts) implements TaskSource {

    /** Fine-tuning as in Reimers and Gurevych 2019, Section 3.1, with larger batches. */
    @Override
    public Recipe defaultRecipe() {
        return TextSetup.fineTuning(2e-5);
    }

    @Override
    public Plan plan(ModelSource model, Recipe recipe, DataOptions options) {
        TextOptions texts = options.ofLabelledText();
        int length = TextSetup.length(model, texts);
        TextTupleSplits data = TextTupleSplits.open(parts, recipe.validation());
        Tokenizer tokenizer =
                TextSetup.tokenizer(model, texts.tokenizer())
                        .orElseGet(
                                () ->
                                        TextSetup.characters(
                                                data.train().tuples().stream()
                                                        .flatMap(t -> t.texts().stream())));
        List<String> changes = new ArrayList<>();
        ModelSpec spec = TextSetup.fitted(model, tokenizer.vocabulary(), length, changes);
        if (!TextEmbedder.isEmbedder(spec)) {
            if (!(spec.network() instanceof LanguageFamily family)) {
                throw new SpecException(
                        "learning embeddings needs an encoder or a decoder of text, got %s; give it the head embedding"
                                .formatted(model.label()));
            }
            spec = spec.withNetwork(family.withEmbedding(new TextEmbedding(Pooling.MEAN, true)));
            changes.add("the head: the mean of the tokens' vectors, with length 1");
        }
        return new Plan(
                TextSimilarity.on(data, tokenizer, length, Prompts.of(model.metadata())),
                spec,
                changes,
                tokenizer::close);
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        TextOptions texts = options.ofLabelledText();
        boolean whole =
                parts.all().size() == 1
                        && heldOut.asked().isEmpty()
                        && model.metadata().heldOut().isEmpty();
        TextTupleSplits data =
                whole
                        ? TextTupleSplits.toEvaluate(parts.train())
                        : TextTupleSplits.open(parts, heldOut.share(model));
        String note = heldOut.note(model, text, data.heldOut(), data.test().isPresent());
        int length = TextSetup.length(model, texts);
        Tokenizer tokenizer = TextSetup.required(model, texts.tokenizer());
        TextSimilarity task =
                TextSimilarity.on(data, tokenizer, length, Prompts.of(model.metadata()));
        return new EvaluationJob(
                (whole
                                ? "%s: %d %s".formatted(text, data.train().size(), task.unit())
                                : task.description())
                        + note,
                task.notes(),
                (network, settings) -> ScoreLine.report(task, network, settings),
                task.evaluation(),
                tokenizer::close);
    }
}
