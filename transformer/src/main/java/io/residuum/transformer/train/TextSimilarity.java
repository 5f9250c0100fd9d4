package io.residuum.transformer.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.base.Suppliers;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.CosineSimilarityLoss;
import io.residuum.loss.GroupedLoss;
import io.residuum.loss.InfoNceLoss;
import io.residuum.loss.Loss;
import io.residuum.loss.LossException;
import io.residuum.loss.LossSpec;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTuple;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.transformer.text.pairs.TextTuples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Contrastive learning of embeddings (Reimers and Gurevych 2019, arXiv:1908.10084) from texts that
 * belong together. One forward pass computes the vectors of all texts of a batch. The loss is
 *
 * <ul>
 *   <li>without similarities {@link InfoNceLoss} of temperature 0.05: an anchor finds its positive
 *       among the positives and negatives of the whole batch;
 *   <li>with similarities {@link CosineSimilarityLoss};
 *   <li>or the loss of the recipe, such as {@link io.residuum.loss.TripletLoss}, which reads the
 *       vectors as {@code (N, texts, D)}.
 * </ul>
 *
 * <p>The best epoch has the highest recall@1, or the highest correlation of ranks with the given
 * similarities, unless the recipe chooses another measure.
 */
public final class TextSimilarity implements Task.OnSplits<TextTuples> {
    /** The scale 20 of sentence-transformers. */
    private static final double TEMPERATURE = 0.05;

    private static final String NAME = "learning embeddings";

    private final TextTupleSplits data;
    private final TextEncoder encoder;
    private final Prompts prompts;

    private TextSimilarity(TextTupleSplits data, TextEncoder encoder, Prompts prompts) {
        this.data = data;
        this.encoder = encoder;
        this.prompts = prompts;
    }

    /**
     * Creates a task on texts that belong together.
     *
     * @param tokenizer the tokenizer, including special tokens around a text
     * @param length the number of tokens to cut texts to, at most the network's context
     * @param prompts the prompts of the model: that of queries precedes the first texts, that of
     *     documents the others, and the default one both texts of pairs with a similarity
     */
    public static TextSimilarity on(
            TextTupleSplits data, Tokenizer tokenizer, int length, Prompts prompts) {
        return new TextSimilarity(data, new TextEncoder(tokenizer, length), prompts);
    }

    @Override
    public TextTupleSplits data() {
        return data;
    }

    @Override
    public Optional<String> fingerprint() {
        return Optional.of(
                "%s, %s%s"
                        .formatted(
                                data.fingerprint(),
                                encoder.fingerprint(),
                                prompts.equals(Prompts.NONE) ? "" : " with " + prompts));
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        TextNetworks.cutTexts(encoder, data.all().stream().flatMap(this::texts))
                .ifPresent(notes::add);
        if (!data.train().unused().isEmpty()) {
            notes.add("columns that are not used: " + String.join(", ", data.train().unused()));
        }
        return notes;
    }

    private Stream<String> texts(TextTuples set) {
        return set.tuples().stream().flatMap(this::prompted);
    }

    /** Returns the texts of a tuple, each with its prompt. */
    private Stream<String> prompted(TextTuple tuple) {
        boolean scored = !Double.isNaN(tuple.score());
        String first = scored ? prompts.standard() : prompts.query();
        String others = scored ? prompts.standard() : prompts.document();
        List<String> texts = tuple.texts();
        return IntStream.range(0, texts.size())
                .mapToObj(i -> (i == 0 ? first : others) + texts.get(i));
    }

    @Override
    public String unit() {
        return data.train().unit();
    }

    @Override
    public void requireFitting(Network network) {
        Tokenizer tokenizer = encoder.tokenizer();
        TextNetworks.requireVocabulary(network, tokenizer.vocabulary(), tokenizer);
        if (TextOutput.of(network.spec()) != TextOutput.EMBEDDING) {
            throw new TrainingException(
                    "%s needs a network that gives a vector for each text, but %s has another head: give it the head embedding"
                            .formatted(NAME, network.spec().name()));
        }
        if (encoder.pads(data.all().stream().flatMap(this::texts))) {
            TextNetworks.requireMask(network);
        }
    }

    @Override
    public Recipe completed(Recipe recipe) {
        EvaluationOptions.of(recipe).requireNoPredictions(NAME);
        if (recipe.labelSmoothing() != 0) {
            throw new TrainingException(
                    "labelSmoothing applies only to classes; remove it from the recipe");
        }
        String output = recipe.losses().keySet().stream().findFirst().orElse(Layer.OUTPUT);
        String measure = data.train().hasScores() ? Similarities.SPEARMAN : Similarities.RECALL;
        RecipeBuilder completed =
                TextNetworks.requireNoImages(recipe)
                        .with()
                        .losses(Map.of(output, loss(recipe.losses())));
        if (recipe.best() == null && validation().isPresent()) {
            completed.best(new Score.Choice(measure, Score.Direction.HIGHEST));
        }
        return completed.build();
    }

    /** Returns the loss of the grouped vectors: the given one, or the usual one. */
    private GroupedLoss loss(Map<String, LossSpec> given) {
        if (given.size() > 1) {
            throw new TrainingException(
                    "%s needs one loss, got %s".formatted(NAME, given.keySet()));
        }
        boolean scored = data.train().hasScores();
        LossSpec chosen =
                given.values().stream()
                        .findFirst()
                        .orElseGet(
                                () ->
                                        scored
                                                ? new CosineSimilarityLoss(1)
                                                : new InfoNceLoss(1, TEMPERATURE, false));
        int width = data.train().width();
        GroupedLoss loss =
                chosen instanceof GroupedLoss grouped ? grouped : new GroupedLoss(width, chosen);
        if (loss.size() != width) {
            throw new TrainingException(
                    "the loss must group %d rows, one for each text of a tuple, got %d"
                            .formatted(width, loss.size()));
        }
        if (loss.needsTarget() != scored) {
            throw new TrainingException(
                    scored
                            ? "a loss of pairs with a score must read it, got %s: name cosineSimilarity, or remove the column of scores"
                                    .formatted(loss.loss())
                            : "the loss %s needs scores, but the data has none: name infoNce or triplet"
                                    .formatted(loss.loss()));
        }
        return loss;
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        int batches = data.train().size() / recipe.batch();
        if (batches == 0) {
            throw new TrainingException(
                    "batch must be at most the number of %s to train on, %d, got %d"
                            .formatted(unit(), data.train().size(), recipe.batch()));
        }
        return new TupleBatches(
                        data.train().tuples(),
                        encoded(data.train()),
                        recipe,
                        recipe.batchesPerEpoch(batches))
                .open();
    }

    private int[][][] encoded(TextTuples set) {
        return set.tuples().stream()
                .map(tuple -> prompted(tuple).map(encoder::encode).toArray(int[][]::new))
                .toArray(int[][][]::new);
    }

    @Override
    public EvaluationSet evaluationOn(TextTuples set) {
        Supplier<int[][][]> ids = Suppliers.memoize(() -> encoded(set));
        return EvaluationSet.of(
                set.size(), (network, options) -> result(network, set, ids.get(), options));
    }

    /** The loss is that of batches, so losses that compare samples depend on the batch size. */
    private EvaluationResult result(
            Network network, TextTuples set, int[][][] ids, EvaluationOptions options) {
        options.requireNoPredictions(NAME);
        LossSpec loss = loss(options.losses());
        List<float[]> vectors = new ArrayList<>();
        double sum = 0;
        double count = 0;
        for (int first = 0; first < ids.length; first += options.batch()) {
            int last = Math.min(first + options.batch(), ids.length);
            TupleBatch batch =
                    TupleBatch.of(set.tuples(), ids, IntStream.range(first, last).toArray());
            try (NDManager manager = network.backend().newManager();
                    Ops.Pause pause = network.backend().ops().pauseRecording()) {
                NDArray output = network.predict(batch.inputs(manager, DataType.FLOAT32));
                Loss bound = loss.of(batch.scores(), output.getShape(), output.getDataType());
                sum += Values.floats(bound.sum(output))[0];
                count += bound.count();
                float[] values = Values.floats(output);
                int width = Math.toIntExact(output.getShape().get(1));
                for (int at = 0; at < values.length; at += width) {
                    vectors.add(Arrays.copyOfRange(values, at, at + width));
                }
            } catch (LossException e) {
                throw new TrainingException(String.valueOf(e.getMessage()), e);
            }
        }
        return EvaluationResult.of(
                Score.ofLoss(loss.weight() * sum / count),
                new Similarities(set, vectors).measures());
    }

    @Override
    public Map<String, String> metadata() {
        return prompts.on(
                        ModelMetadata.EMPTY
                                .with(Tokenizer.METADATA, encoder.tokenizer().json())
                                .withHeldOut(data.heldOut()))
                .entries();
    }
}
