package io.residuum.transformer.train;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.ClassNames;
import io.residuum.data.Prefetcher;
import io.residuum.data.Seeds;
import io.residuum.metric.Evaluation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.OutputEvaluator;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.train.report.Mistake;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledTexts;
import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Text classification. Texts are truncated to the network's context and padded to the longest of
 * their batch. Batches hold texts of similar length, which saves padding. An epoch is a pass over
 * the training texts, or its first {@link Recipe#stepsPerEpoch} updates.
 */
public final class TextClassification implements Task.OnSplits<LabelledTexts> {
    private static final int ORDER = 0;
    private static final int BATCHES = 1;

    /**
     * The number of batches within which texts are sorted by length. A smaller number needs more
     * padding, a larger one shuffles less.
     */
    private static final int SORTED_BATCHES = 32;

    private final LabelledSplits data;
    private final TextEncoder encoder;
    private final List<String> notes;

    private TextClassification(LabelledSplits data, TextEncoder encoder, List<String> notes) {
        this.data = data;
        this.encoder = encoder;
        this.notes = List.copyOf(notes);
    }

    /**
     * Creates a task on labelled texts.
     *
     * @param data the texts
     * @param tokenizer the tokenizer, including special tokens around a text
     * @param length the number of tokens to truncate texts to, at most the network's context
     */
    public static TextClassification on(LabelledSplits data, Tokenizer tokenizer, int length) {
        return new TextClassification(data, new TextEncoder(tokenizer, length), List.of());
    }

    /**
     * {@return a copy with other notes}
     *
     * @param lines lines that training prints and reports, besides one about texts that are cut.
     *     Default: none
     */
    public TextClassification withNotes(List<String> lines) {
        return new TextClassification(data, encoder, lines);
    }

    @Override
    public LabelledSplits data() {
        return data;
    }

    @Override
    public List<Task> folds(int count, double share) {
        return data.folds(count, share).stream()
                .<Task>map(fold -> new TextClassification(fold, encoder, notes))
                .toList();
    }

    @Override
    public Optional<String> fingerprint() {
        return Optional.of(data.fingerprint() + ", " + encoder.fingerprint());
    }

    @Override
    public List<String> notes() {
        return Stream.concat(notes.stream(), cutTexts(parts()).stream()).toList();
    }

    private List<LabelledTexts> parts() {
        return Stream.of(Optional.of(data.train()), data.validation(), data.test())
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * {@return a line about the texts that are longer than the network reads; empty if there are
     * none}
     *
     * @param parts texts of this task
     */
    public Optional<String> cutTexts(List<LabelledTexts> parts) {
        return TextNetworks.cutTexts(encoder, parts.stream().flatMap(TextClassification::texts));
    }

    @Override
    public String unit() {
        return "texts";
    }

    @Override
    public void requireFitting(Network network) {
        ClassNames.requireSeveral(data.train().classNames());
        Tokenizer tokenizer = encoder.tokenizer();
        TextNetworks.requireVocabulary(network, tokenizer.vocabulary(), tokenizer);
        Shape output = network.outputShape();
        int classes = data.train().classNames().size();
        if (output.dimension() != 2 || output.get(1) != classes) {
            throw new TrainingException(
                    "the output of the network must be one logit for each of the %d classes of the data, got %s; replace the head with Network.resetHead"
                            .formatted(classes, output));
        }
        if (parts().stream().anyMatch(part -> encoder.pads(texts(part)))) {
            TextNetworks.requireMask(network);
        }
    }

    private static Stream<String> texts(LabelledTexts part) {
        return IntStream.range(0, part.size()).mapToObj(part::text);
    }

    @Override
    public Recipe completed(Recipe recipe) {
        return TextNetworks.requireNoImages(recipe);
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        int batches = data.train().size() / recipe.batch();
        if (batches == 0) {
            throw new TrainingException(
                    "batch must be at most the number of training texts, %d, got %d"
                            .formatted(data.train().size(), recipe.batch()));
        }
        int wanted = recipe.batchesPerEpoch(batches);
        int[][] ids = encoded(data.train());
        return BatchSource.prefetched(
                wanted,
                new Prefetcher(1, 2),
                epoch -> {
                    int[][] order = order(ids, recipe, epoch);
                    return batch -> batch(ids, data.train(), order[batch]);
                });
    }

    private int[][] encoded(LabelledTexts texts) {
        return texts(texts).map(encoder::encode).toArray(int[][]::new);
    }

    /** Returns the texts of each batch. */
    private static int[][] order(int[][] ids, Recipe recipe, int epoch) {
        int size = recipe.batch();
        int[] order = Seeds.permutation(ids.length, Seeds.random(recipe.seed(), ORDER, epoch));
        int all = ids.length / size;
        int[][] sorted = new int[all][];
        for (int first = 0; first < all; first += SORTED_BATCHES) {
            int last = Math.min(all, first + SORTED_BATCHES);
            int[] some =
                    Arrays.stream(order, first * size, last * size)
                            .boxed()
                            .sorted(Comparator.comparingInt(i -> ids[i].length))
                            .mapToInt(Integer::intValue)
                            .toArray();
            for (int b = first; b < last; b++) {
                int from = (b - first) * size;
                sorted[b] = Arrays.copyOfRange(some, from, from + size);
            }
        }
        int[] positions = Seeds.permutation(all, Seeds.random(recipe.seed(), BATCHES, epoch));
        return Arrays.stream(positions).mapToObj(b -> sorted[b]).toArray(int[][]::new);
    }

    private static TokenBatch batch(int[][] ids, LabelledTexts texts, int[] some) {
        return TokenBatch.ofTexts(
                Arrays.stream(some).mapToObj(i -> ids[i]).toList(),
                Arrays.stream(some).map(texts::label).toArray());
    }

    @Override
    public EvaluationSet evaluationOn(LabelledTexts texts) {
        return EvaluationSet.of(
                texts.size(), (network, options) -> result(network, texts, options));
    }

    private EvaluationResult result(
            Network network, LabelledTexts texts, EvaluationOptions options) {
        OutputEvaluator evaluator = evaluator(network, texts, options);
        Evaluation evaluation = evaluator.classes().orElseThrow();
        List<String> names = texts.classNames();
        return evaluator.result(
                i ->
                        new Mistake.Text(
                                texts.text(i),
                                names.get(evaluation.label(i)),
                                names.get(evaluation.prediction(i)),
                                evaluation.probability(i)));
    }

    /**
     * Evaluates a network on the test set, or else on the validation set, and keeps the prediction
     * for each text.
     *
     * @param network a network that fits the data
     * @param batch the number of texts per forward pass, positive
     * @return the loss and the predictions
     */
    public Evaluation evaluation(Network network, int batch) {
        return evaluator(network, EvaluationOptions.of(batch)).classes().orElseThrow();
    }

    /**
     * Evaluates a network, as {@link #evaluation(Network, int)}.
     *
     * @param network a network that fits the data
     * @param options the batch size, the loss, metrics and the receiver of predictions
     * @return the evaluation of all texts
     */
    public OutputEvaluator evaluator(Network network, EvaluationOptions options) {
        return evaluator(network, data.evaluation(), options);
    }

    private OutputEvaluator evaluator(
            Network network, LabelledTexts texts, EvaluationOptions options) {
        int[][] ids = encoded(texts);
        OutputEvaluator evaluator =
                new OutputEvaluator(network, options, Map.of(Layer.OUTPUT, texts.classNames()));
        for (int first = 0; first < ids.length; first += options.batch()) {
            int last = Math.min(first + options.batch(), ids.length);
            evaluator.add(batch(ids, texts, IntStream.range(first, last).toArray()));
        }
        return evaluator;
    }

    @Override
    public Map<String, String> metadata() {
        return ModelMetadata.EMPTY
                .withClassNames(data.train().classNames())
                .with(Tokenizer.METADATA, encoder.tokenizer().json())
                .withHeldOut(data.heldOut())
                .entries();
    }
}
