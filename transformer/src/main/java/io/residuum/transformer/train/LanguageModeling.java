package io.residuum.transformer.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.metric.Measure;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.text.RandomWindows;
import io.residuum.transformer.text.SequentialWindows;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Language modelling: predicts every token of a window from the tokens before it (Radford et al.
 * 2018, Section 3.1).
 *
 * <p>Training draws windows at random. An epoch has {@link Recipe#stepsPerEpoch} updates. By
 * default it draws about as many tokens as the text has. Evaluation reads a text once, in windows
 * that do not overlap. The loss on the validation text selects the best network.
 */
public final class LanguageModeling implements Task.OnSplits<TextSplits.Part> {
    private final TextSplits data;
    private final int length;
    private final long evaluatedTokens;
    private final Optional<Function<Network, List<String>>> writer;

    private LanguageModeling(
            TextSplits data,
            int length,
            long evaluatedTokens,
            Optional<Function<Network, List<String>>> writer) {
        this.data = data;
        this.length = length;
        this.evaluatedTokens = evaluatedTokens;
        this.writer = writer;
    }

    /**
     * Creates a task on a text.
     *
     * @param length the number of tokens T that the network reads at once
     * @return the task, without samples
     * @throws io.residuum.data.DataException if the text is shorter than a window
     */
    public static LanguageModeling on(TextSplits data, int length) {
        LanguageModeling task =
                new LanguageModeling(data, length, Long.MAX_VALUE, Optional.empty());
        task.windows(0); // checks the length of the text
        task.requireEvaluation();
        return task;
    }

    /**
     * Creates a task to evaluate with. Its training text may be shorter than a window.
     *
     * @param length the number of tokens T that the network reads at once
     * @return the task, without samples
     * @throws io.residuum.data.DataException if the validation or test text has less than 2 tokens
     */
    public static LanguageModeling toEvaluate(TextSplits data, int length) {
        LanguageModeling task =
                new LanguageModeling(data, length, Long.MAX_VALUE, Optional.empty());
        task.requireEvaluation();
        return task;
    }

    private void requireEvaluation() {
        data.validation().ifPresent(this::evaluationWindows);
        data.test().ifPresent(this::evaluationWindows);
    }

    /**
     * Creates a task on a text, with the context length of a network.
     *
     * @param spec a network that reads tokens
     * @return the task, without samples
     * @throws TrainingException if the network does not read tokens
     * @throws io.residuum.data.DataException if the text is shorter than a window
     */
    public static LanguageModeling on(TextSplits data, ModelSpec spec) {
        return on(data, TextNetworks.input(spec).length());
    }

    /**
     * Returns a task that evaluates only on the beginning of the validation and of the test text.
     *
     * @param tokens the number of tokens, 2 or more; limited to the length of the text
     */
    public LanguageModeling evaluatingAtMost(long tokens) {
        return new LanguageModeling(data, length, tokens, writer);
    }

    /**
     * Returns a task that generates samples after each epoch.
     *
     * @param by a function from the network to sample texts; it should be deterministic
     */
    public LanguageModeling writing(Function<Network, List<String>> by) {
        return new LanguageModeling(data, length, evaluatedTokens, Optional.of(by));
    }

    /**
     * Returns a task that lets the network continue a prompt after each epoch.
     *
     * @param prompt the beginning of the sample, which is part of the shown text
     * @param settings the settings; the same seed is used in every epoch
     * @throws io.residuum.spec.SpecException if the prompt is empty or longer than a window
     * @throws io.residuum.data.DataException if the tokenizer cannot encode the prompt
     */
    public LanguageModeling writing(String prompt, Generator.Settings settings) {
        int tokens = data.tokenizer().encodeForModel(prompt).length;
        Check.that(
                tokens > 0 && tokens <= length,
                "the prompt of samples must have 1 to %s tokens, the context, got %s",
                length,
                tokens);
        return writing(
                network ->
                        List.of(
                                prompt
                                        + new Generator(network, data.tokenizer())
                                                .generate(prompt, settings)
                                                .text()));
    }

    @Override
    public TextSplits data() {
        return data;
    }

    @Override
    public Optional<String> fingerprint() {
        return Optional.of("%s, in windows of %d".formatted(data.fingerprint(), length));
    }

    @Override
    public String unit() {
        return "tokens";
    }

    @Override
    public void requireFitting(Network network) {
        TextNetworks.requireVocabulary(network, data.tokenizer().vocabulary(), data.tokenizer());
        TextNetworks.requireTokenLogits(network, "end it with a language model's head");
        if (TextNetworks.input(network.spec()).length() < length) {
            throw new TrainingException(
                    "the network must read windows of %d tokens, but reads %d; use shorter windows"
                            .formatted(length, TextNetworks.input(network.spec()).length()));
        }
        requireCausal(network);
    }

    /**
     * A network that sees the next token learns to copy it. Its loss then looks perfect until
     * generation.
     */
    private void requireCausal(Network network) {
        int probe = Math.min(length, 4);
        if (probe == 1 || data.tokenizer().vocabulary() == 1) {
            return;
        }
        try (NDManager manager = network.backend().newManager()) {
            long[] ids = new long[2 * probe];
            ids[2 * probe - 1] = 1;
            NDArray input = Values.create(manager, ids, new Shape(2, probe));
            float[] logits = network.predict(new NDList(input)).toFloatArray();
            int before = logits.length / 2 / probe * (probe - 1);
            for (int i = 0; i < before; i++) {
                float other = logits[logits.length / 2 + i];
                if (Math.abs(logits[i] - other) > 1e-3 * Math.max(1, Math.abs(other))) {
                    throw new TrainingException(
                            "a language model must not see the tokens that it predicts, but "
                                    + network.spec().name()
                                    + " does; use causal attention, or the task masked-lm");
                }
            }
        }
    }

    @Override
    public Recipe completed(Recipe recipe) {
        EvaluationOptions.of(recipe).requireNoPredictions("language modeling");
        return TextNetworks.requireNoImages(recipe);
    }

    private RandomWindows windows(long seed) {
        return new RandomWindows(data.train(), length, seed);
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        RandomWindows windows = windows(recipe.seed());
        return WindowBatches.open(
                data.train().size(),
                length,
                recipe,
                (epoch, batch) ->
                        TokenBatch.ofNextTokens(
                                windows.batch(epoch, batch, recipe.batch()), recipe.batch()));
    }

    private SequentialWindows evaluationWindows(TextSplits.Part part) {
        TokenStream text = part.tokens();
        return new SequentialWindows(
                text.slice(0, Math.min(evaluatedTokens, text.size())), length, length);
    }

    @Override
    public EvaluationSet evaluationOn(TextSplits.Part part) {
        return EvaluationSet.of(
                evaluationWindows(part).scoredTokens(),
                (network, options) -> result(network, part, options));
    }

    private EvaluationResult result(
            Network network, TextSplits.Part part, EvaluationOptions options) {
        options.requireNoPredictions("language modeling");
        int batch = options.batch();
        SequentialWindows windows = evaluationWindows(part);
        LossSum sum = new LossSum(network);
        for (long first = 0; first < windows.count(); first += batch) {
            int rows = (int) Math.min(batch, windows.count() - first);
            TokenBatch next = TokenBatch.ofNextTokens(windows.batch(first, rows), rows);
            for (int row = 0; row < rows; row++) {
                next.keepLast(row, windows.scored(first + row));
            }
            sum.add(next);
        }
        List<Measure> measures = new ArrayList<>(measures(sum.mean(), part));
        if (options.detailed()) {
            measures.add(new Measure(Measure.TOKEN_ACCURACY, sum.accuracy()));
        }
        return EvaluationResult.of(Score.ofLoss(sum.mean()), measures);
    }

    /** Returns perplexity and bits per character from the mean loss per token. */
    private static List<Measure> measures(double loss, TextSplits.Part part) {
        double tokensPerCharacter = (double) part.tokens().size() / part.characters();
        return List.of(
                new Measure("perplexity", Math.exp(loss)),
                new Measure("bits per character", loss / Math.log(2) * tokensPerCharacter));
    }

    @Override
    public List<String> samples(Network network) {
        return writer.map(w -> w.apply(network)).orElse(List.of());
    }

    @Override
    public Map<String, String> metadata() {
        return ModelMetadata.EMPTY
                .with(Tokenizer.METADATA, data.tokenizer().json())
                .withHeldOut(data.heldOut())
                .entries();
    }
}
