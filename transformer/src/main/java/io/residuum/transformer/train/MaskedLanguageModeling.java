package io.residuum.transformer.train;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationResult;
import io.residuum.train.Measure;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Filling the gaps of a text, for encoders that see both sides (Devlin et al. 2019, Section 3.1):
 * 15% of the tokens are asked for, of which most are hidden. The next sentence is not predicted
 * (Liu et al. 2019, Section 4.2).
 *
 * <p>Training draws windows and gaps at random; what an epoch is, {@link LanguageModeling} says.
 * Evaluation goes through the held-out text once, with the same gaps each time; networks are judged
 * by its loss. A window begins and ends with the tokens that the tokenizer frames texts with, if
 * there are any. Where it has none for gaps, the id behind its last one is it.
 */
public final class MaskedLanguageModeling implements Task {
    private static final double SHARE = 0.15;

    /** So that evaluations of any run are of the same gaps. */
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
     * On a text.
     *
     * @param data the text
     * @param length the number of tokens T that the network reads at once, 3 or more
     * @return the task
     * @throws DataException if the text is shorter than a window
     */
    public static MaskedLanguageModeling on(TextSplits data, int length) {
        MaskedLanguageModeling task = new MaskedLanguageModeling(data, length);
        if (task.content() < 1) {
            throw new DataException("a window to fill gaps in must have 3 tokens, got " + length);
        }
        if (data.train().size() < task.content() || data.evaluation().size() < 1) {
            throw new DataException(
                    "the text must have %d tokens to train on windows of %d, found %d: give a longer text, or choose a shorter context"
                            .formatted(task.content(), length, data.train().size()));
        }
        return task;
    }

    /**
     * How many ids a network must know to learn with a tokenizer.
     *
     * @param tokenizer the tokenizer
     * @return its vocabulary, and one more if it has no token for gaps
     */
    public static int vocabulary(Tokenizer tokenizer) {
        return Masking.of(tokenizer, SHARE).ids();
    }

    /** Tokens of the text in a window. */
    private int content() {
        return length
                - (special.beginning().isPresent() ? 1 : 0)
                - (special.end().isPresent() ? 1 : 0);
    }

    @Override
    public String description() {
        return data.description();
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
        return TextNetworks.withoutImages(recipe);
    }

    @Override
    public BatchSource feed(ModelSpec spec, Recipe recipe) {
        return WindowFeed.of(
                data.train().size(),
                length,
                recipe,
                (epoch, batch) -> {
                    SplittableRandom random = Seeds.random(recipe.seed(), epoch, batch);
                    int[][] rows = new int[recipe.batch()][];
                    long places = data.train().size() - content() + 1;
                    for (int row = 0; row < rows.length; row++) {
                        rows[row] = window(data.train(), random.nextLong(places), content());
                    }
                    return masking.batch(rows, special, row -> random);
                });
    }

    /** Tokens of a text in their frame. */
    private int[] window(TokenStream text, long from, int count) {
        int before = special.beginning().isPresent() ? 1 : 0;
        int[] ids = new int[before + count + (special.end().isPresent() ? 1 : 0)];
        special.beginning().ifPresent(id -> ids[0] = id);
        text.read(from, ids, before, count);
        special.end().ifPresent(id -> ids[ids.length - 1] = id);
        return ids;
    }

    @Override
    public long evaluationSize() {
        return data.evaluation().size();
    }

    @Override
    public EvaluationResult evaluate(Network network, int batch) {
        TokenStream text = data.evaluation();
        int count = (int) Math.min(content(), text.size());
        long windows = (text.size() + count - 1) / count;
        LossSum sum = new LossSum(network);
        for (long start = 0; start < windows; start += batch) {
            long first = start;
            int[][] rows = new int[(int) Math.min(batch, windows - first)][];
            for (int row = 0; row < rows.length; row++) {
                // The last window is moved back to end with the text.
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
        return Map.of(Tokenizer.METADATA, data.tokenizer().json());
    }
}
