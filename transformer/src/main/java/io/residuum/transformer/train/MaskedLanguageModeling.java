package io.residuum.transformer.train;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.metric.Measure;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Masked language modelling, for encoders that see both sides (Devlin et al. 2019, Section 3.1).
 * The network predicts 15% of the tokens, most of which are masked. There is no next-sentence
 * prediction (Liu et al. 2019, Section 4.2).
 *
 * <p>Training draws windows and masked positions at random, with epochs as in {@link
 * LanguageModeling}. Evaluation reads a text once, with the same masked positions each time. The
 * loss on the validation text selects the best network. A window begins and ends with the
 * tokenizer's beginning and end tokens, if it has them. Without a mask token, the id after the
 * tokenizer's last one is the mask.
 */
public final class MaskedLanguageModeling implements Task.OnSplits<TextSplits.Part> {
    private static final double SHARE = 0.15;

    /** Fixed, so that all runs evaluate the same masked positions. */
    private static final long EVALUATION_SEED = 20181011;

    private final TextSplits data;
    private final int length;
    private final Masking masking;
    private final SpecialTokens special;

    private MaskedLanguageModeling(TextSplits data, int length) {
        this.data = data;
        this.length = length;
        this.masking = Masking.of(data.tokenizer(), SHARE);
        this.special = data.tokenizer().special();
    }

    /**
     * Creates a task on a text.
     *
     * @param length the number of tokens T that the network reads at once, 3 or more
     * @throws DataException if the text is shorter than a window
     */
    public static MaskedLanguageModeling on(TextSplits data, int length) {
        MaskedLanguageModeling task = toEvaluate(data, length);
        if (data.train().size() < task.content()) {
            throw new DataException(
                    "the text must have %d tokens to train on windows of %d, found %d; use a longer text or a shorter context"
                            .formatted(task.content(), length, data.train().size()));
        }
        return task;
    }

    /**
     * Creates a task to evaluate with. Its training text may be shorter than a window.
     *
     * @param length the number of tokens T that the network reads at once, 3 or more
     */
    public static MaskedLanguageModeling toEvaluate(TextSplits data, int length) {
        MaskedLanguageModeling task = new MaskedLanguageModeling(data, length);
        if (task.content() < 1) {
            throw new DataException(
                    "windows for masked language modelling must have at least 3 tokens, got "
                            + length);
        }
        return task;
    }

    /**
     * Returns the vocabulary that a network needs to train with a tokenizer.
     *
     * @return the tokenizer's vocabulary, plus one if it has no mask token
     */
    public static int vocabulary(Tokenizer tokenizer) {
        return Masking.of(tokenizer, SHARE).ids();
    }

    /** Returns the number of text tokens in a window, without special tokens. */
    private int content() {
        return length
                - (special.beginning().isPresent() ? 1 : 0)
                - (special.end().isPresent() ? 1 : 0);
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
        TextNetworks.requireVocabulary(network, masking.ids(), data.tokenizer());
        TextNetworks.requireTokenLogits(network, "give it the head maskedLm");
    }

    @Override
    public Recipe completed(Recipe recipe) {
        EvaluationOptions.of(recipe).requireNoPredictions("masked language modeling");
        return TextNetworks.requireNoImages(recipe);
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        return WindowBatches.open(
                data.train().size(),
                length,
                recipe,
                (epoch, batch) -> {
                    SplittableRandom random = Seeds.random(recipe.seed(), epoch, batch);
                    int[][] rows = new int[recipe.batch()][];
                    long starts = data.train().size() - content() + 1;
                    for (int row = 0; row < rows.length; row++) {
                        rows[row] = window(data.train(), random.nextLong(starts), content());
                    }
                    return masking.batch(rows, special, row -> random);
                });
    }

    /** Reads tokens and adds the beginning and end tokens. */
    private int[] window(TokenStream text, long from, int count) {
        int before = special.beginning().isPresent() ? 1 : 0;
        int[] ids = new int[before + count + (special.end().isPresent() ? 1 : 0)];
        special.beginning().ifPresent(id -> ids[0] = id);
        text.read(from, ids, before, count);
        special.end().ifPresent(id -> ids[ids.length - 1] = id);
        return ids;
    }

    @Override
    public EvaluationSet evaluationOn(TextSplits.Part part) {
        TokenStream text = part.tokens();
        if (text.size() == 0) {
            throw new DataException(
                    "a text to evaluate on must have at least 1 token, found none: use a longer"
                            + " text");
        }
        return EvaluationSet.of(text.size(), (network, options) -> result(network, text, options));
    }

    private EvaluationResult result(Network network, TokenStream text, EvaluationOptions options) {
        options.requireNoPredictions("masked language modeling");
        int batch = options.batch();
        int count = (int) Math.min(content(), text.size());
        long windows = (text.size() + count - 1) / count;
        LossSum sum = new LossSum(network);
        for (long start = 0; start < windows; start += batch) {
            long first = start;
            int[][] rows = new int[(int) Math.min(batch, windows - first)][];
            for (int row = 0; row < rows.length; row++) {
                // The last window is shifted to end with the text.
                rows[row] =
                        window(text, Math.min((first + row) * count, text.size() - count), count);
            }
            sum.add(
                    masking.batch(
                            rows, special, row -> Seeds.random(EVALUATION_SEED, first + row)));
        }
        return EvaluationResult.of(
                Score.ofLoss(sum.mean()),
                List.of(
                        new Measure("perplexity", Math.exp(sum.mean())),
                        new Measure("share of gaps filled right", sum.accuracy())));
    }

    @Override
    public Map<String, String> metadata() {
        return ModelMetadata.EMPTY
                .with(Tokenizer.METADATA, data.tokenizer().json())
                .withHeldOut(data.heldOut())
                .entries();
    }
}
