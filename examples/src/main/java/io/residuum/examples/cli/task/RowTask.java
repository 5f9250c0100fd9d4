package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.rows.RowSource;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables. A network that reads a vector of features gets the length of the columns, and one of a
 * single output that of the targets.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record RowTask(String text, RowSource source) implements TaskSource {

    @Override
    public Recipe defaultRecipe() {
        return SampleData.defaultRecipe();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        options.pictures().refuse();
        options.text().refuseAllButTokenizer();
        options.samples().refuse();
        List<String> changes = new ArrayList<>();
        boolean random = model.weights().isEmpty();
        RowSource.Opened rows =
                source.open(
                        model.spec(),
                        metadata(model, options.text()),
                        random,
                        recipe.validation(),
                        line -> changes.add("the header: " + line));
        ModelSpec before = model.spec();
        ModelSpec after = rows.spec();
        if (!after.input().equals(before.input())) {
            changes.add(
                    "the input: %s numbers of the columns instead of %s"
                            .formatted(
                                    Output.shape(after.input().batchShape()),
                                    Output.shape(before.input().batchShape())));
        }
        long outputs = after.classes();
        long old = before.classes();
        if (outputs != old) {
            changes.add(
                    "the head: new, for the %d numbers of the targets instead of %d"
                            .formatted(outputs, old));
        }
        return new TrainingPlan(
                model, after, recipe, rows.task(), changes, rows.task().data()::close);
    }

    /** Keeps what reads rows: the tokenizer, and the header of an earlier training. */
    private static ModelMetadata metadata(ModelSource model, TextOptions options) {
        ModelMetadata metadata = ModelMetadata.EMPTY;
        for (String key : List.of(Tokenizer.METADATA, RowHeader.METADATA)) {
            String entry = model.metadata().entry(key).orElse(null);
            metadata = entry == null ? metadata : metadata.with(key, entry);
        }
        try (Tokenizer given = options.tokenizer().open().orElse(null)) {
            return given == null ? metadata : metadata.with(Tokenizer.METADATA, given.json());
        }
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        heldOut.refuse(text);
        options.refuse();
        return SampleData.job(source.forEvaluation(model.spec(), model.metadata()));
    }
}
