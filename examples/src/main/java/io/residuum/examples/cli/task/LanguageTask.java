package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.TextOptions.TaskName;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.EvaluationResult;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.LanguageModeling;
import io.residuum.transformer.train.MaskedLanguageModeling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * To continue a text, or to fill its gaps. Vocabulary and context of a network with random weights
 * follow the data; weights come with a tokenizer, which the data are encoded by.
 *
 * @param text what the user typed
 * @param source what it means
 */
public record LanguageTask(String text, PlainText source) implements TaskSource {

    /** nanoGPT's setting for characters on a CPU: 2,000 updates, evaluated every 250. */
    @Override
    public Recipe defaultRecipe() {
        return Recipe.builder()
                .epochs(8)
                .stepsPerEpoch(250)
                .batch(12)
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.1))
                .learningRate(1e-3)
                .schedule(new ScheduleSpec.Cosine(0.1))
                .warmupEpochs(0.4)
                .clipNorm(1.0)
                .build();
    }

    @Override
    public Plan plan(ModelSource model, Recipe recipe, TextOptions options, SampleOptions samples) {
        boolean masked = masked(model.spec(), options);
        if (masked) {
            samples.refuse();
        }
        int length = TextSetup.length(model, options);
        TextSplits data = open(TextSetup.tokenizer(model, options.tokenizer()), masked);
        List<String> changes = new ArrayList<>();
        Tokenizer tokenizer = data.tokenizer();
        int ids = masked ? MaskedLanguageModeling.vocabulary(tokenizer) : tokenizer.vocabulary();
        ModelSpec spec = TextSetup.fitted(model, ids, length, changes);
        if (masked
                && spec.network() instanceof Bert bert
                && !(bert.head() instanceof Bert.Head.MaskedLm)) {
            spec =
                    new ModelSpec(
                            spec.name(), spec.input(), bert.withHead(new Bert.Head.MaskedLm()));
            changes.add("the head: one that says what each token was");
        }
        Task task =
                masked
                        ? MaskedLanguageModeling.on(data, length)
                        : samples.on(LanguageModeling.on(data, length), data, recipe.seed());
        return new Plan(task, spec, changes, tokenizer::close);
    }

    private static boolean masked(ModelSpec spec, TextOptions options) {
        TaskName byNetwork =
                spec.network() instanceof Bert ? TaskName.MASKED_LM : TaskName.LANGUAGE_MODEL;
        return options.task().orElse(byNetwork) == TaskName.MASKED_LM;
    }

    private TextSplits open(Optional<Tokenizer> tokenizer, boolean masked) {
        if (tokenizer.isPresent()) {
            return source.open(tokenizer.get());
        }
        TextSplits data = source.open();
        // An encoder goes on to other texts, which may have other characters.
        return masked && data.tokenizer() instanceof CharTokenizer characters
                ? new TextSplits(
                        data.description(),
                        data.train(),
                        data.evaluation(),
                        characters.withUnknown(),
                        data.evaluationCharacters())
                : data;
    }

    @Override
    public Exam exam(ModelSource model, TextOptions options) {
        int length = TextSetup.length(model, options);
        Tokenizer tokenizer = TextSetup.required(model, options.tokenizer());
        TextSplits data = source.open(tokenizer);
        Task task =
                masked(model.spec(), options)
                        ? MaskedLanguageModeling.on(data, length)
                        : LanguageModeling.on(data, length);
        return new TextExam(task, tokenizer);
    }

    private record TextExam(Task task, Tokenizer tokenizer) implements Exam {
        @Override
        public String description() {
            return task.description();
        }

        @Override
        public Finding take(Network network, int batch) {
            task.requireFitting(network);
            EvaluationResult found = task.evaluate(network, batch);
            Double loss = found.score().loss();
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("tokens", task.evaluationSize());
            numbers.put("loss", loss == null ? "not finite" : loss);
            found.measures().forEach(m -> numbers.put(key(m.name()), m.value()));
            return new Finding(
                    ScoreLine.of(found.score(), found.measures())
                            + String.format(Locale.ROOT, ", %,d tokens", task.evaluationSize()),
                    numbers);
        }

        /** {@code bitsPerCharacter} for "bits per character". */
        private static String key(String name) {
            StringBuilder key = new StringBuilder();
            for (String word : name.split(" ", -1)) {
                key.append(
                        key.length() == 0
                                ? word
                                : word.substring(0, 1).toUpperCase(Locale.ROOT)
                                        + word.substring(1));
            }
            return key.toString();
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
