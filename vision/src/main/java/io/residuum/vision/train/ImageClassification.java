package io.residuum.vision.train;

import io.residuum.data.ClassNames;
import io.residuum.data.Fingerprint;
import io.residuum.data.Share;
import io.residuum.metric.Evaluation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.OutputEvaluator;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import io.residuum.train.report.Mistake;
import io.residuum.train.report.Picture;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.Mixing;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.augment.RepeatedAugmentation;
import io.residuum.vision.data.BatchLoader;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Image classification. An epoch processes all training images, or the first {@link
 * Recipe#stepsPerEpoch} updates.
 *
 * @param data images in the input shape of the network
 * @param notes lines that training prints and reports. Default: none
 */
public record ImageClassification(DataSplits data, List<String> notes)
        implements Task.OnSplits<ImageSet> {
    public ImageClassification {
        notes = List.copyOf(notes);
    }

    /**
     * Creates a task without notes.
     *
     * @param data as for the record
     */
    public ImageClassification(DataSplits data) {
        this(data, List.of());
    }

    @Override
    public Optional<String> fingerprint() {
        return Optional.of(
                Fingerprint.of(
                        part(data.train()),
                        data.validation().map(ImageClassification::part),
                        data.test().map(ImageClassification::part)));
    }

    private static String part(ImageSet set) {
        return Fingerprint.part(set.size(), "images", set.fingerprint());
    }

    @Override
    public String unit() {
        return "images";
    }

    @Override
    public void requireFitting(Network network) {
        ClassNames.requireSeveral(data.train().classNames());
        ImageEvaluator.requireFitting(network, data.train());
        data.validation().ifPresent(set -> ImageEvaluator.requireFitting(network, set));
        data.test().ifPresent(set -> ImageEvaluator.requireFitting(network, set));
    }

    /** {@return the recipe with the usual augmentation of the data, if the recipe has none} */
    @Override
    public Recipe completed(Recipe recipe) {
        if (recipe.augmentation() == null) {
            List<Transform> usual = List.copyOf(data.augmentation());
            return completed(recipe.with().augmentation(usual).build());
        }
        augmentations(recipe.augmentation());
        ofImages("mixing", recipe.mixing(), Mixing.class);
        return recipe;
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        List<Transform> transforms = Objects.requireNonNullElse(recipe.augmentation(), List.of());
        BatchLoader.Builder builder =
                BatchLoader.over(data.train())
                        .batchSize(recipe.batch())
                        .shuffle(true)
                        .seed(recipe.seed())
                        .dropLast(true)
                        .augment(augmentations(transforms))
                        .normalize(ImageInputs.normalization(spec))
                        .mix(ofImages("mixing", recipe.mixing(), Mixing.class));
        only(transforms, RepeatedAugmentation.class)
                .ifPresent(repeated -> builder.repeats(repeated.repeats()));
        only(transforms, ProgressiveResizing.class)
                .ifPresent(
                        resizing -> {
                            ImageInputs.requireResizable(spec, resizing);
                            builder.resize(resizing, recipe.epochs());
                        });
        BatchLoader loader = builder.open();
        try {
            return new Batches(loader, recipe.batchesPerEpoch(loader.batches()));
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }

    /** Returns the transforms of single images, without the settings of the loader. */
    private static List<Augmentation> augmentations(List<Transform> transforms) {
        only(transforms, RepeatedAugmentation.class);
        only(transforms, ProgressiveResizing.class);
        List<Transform> others = new ArrayList<>(transforms);
        others.removeIf(t -> t instanceof RepeatedAugmentation || t instanceof ProgressiveResizing);
        return ofImages("augmentation", others, Augmentation.class);
    }

    private static <T> Optional<T> only(List<Transform> transforms, Class<T> kind) {
        List<T> found = transforms.stream().filter(kind::isInstance).map(kind::cast).toList();
        if (found.size() > 1) {
            throw new TrainingException(
                    "augmentation must hold one transform of this kind, got %s; remove the others"
                            .formatted(found));
        }
        return found.stream().findFirst();
    }

    private static <T> List<T> ofImages(String key, List<?> transforms, Class<T> kind) {
        for (Object transform : transforms) {
            if (!kind.isInstance(transform)) {
                throw new TrainingException(
                        "%s must hold transforms of images, got %s; remove it from the recipe"
                                .formatted(key, transform));
            }
        }
        return transforms.stream().map(kind::cast).toList();
    }

    private record Batches(BatchLoader loader, int batches) implements BatchSource {
        @Override
        public Epoch epoch(int number) {
            return epoch(number, Share.ALL);
        }

        @Override
        public Epoch epoch(int number, Share share) {
            return Epoch.of(loader.epoch(number, share), batch -> batch);
        }

        @Override
        public void close() {
            loader.close();
        }
    }

    /** {@return a task for each part, which has an equal share of each class} */
    @Override
    public List<Task> folds(int count, double share) {
        return data.folds(count, share).stream()
                .map(fold -> (Task) new ImageClassification(fold, notes))
                .toList();
    }

    @Override
    public EvaluationSet evaluationOn(ImageSet set) {
        return EvaluationSet.of(set.size(), (network, options) -> result(network, set, options));
    }

    private static EvaluationResult result(
            Network network, ImageSet set, EvaluationOptions options) {
        OutputEvaluator evaluator = ImageEvaluator.evaluate(network, set, options);
        Evaluation evaluation = evaluator.classes().orElseThrow();
        return evaluator.result(sample -> mistake(set, evaluation, sample));
    }

    private static Mistake mistake(ImageSet set, Evaluation evaluation, int sample) {
        ImageShape shape = set.shape();
        Image image = new Image();
        set.read(sample, image);
        return new Mistake.Image(
                Picture.ofPlanes(
                        Arrays.copyOf(image.values(), shape.length()),
                        shape.channels(),
                        shape.height(),
                        shape.width()),
                set.classNames().get(evaluation.label(sample)),
                set.classNames().get(evaluation.prediction(sample)),
                evaluation.probability(sample));
    }

    @Override
    public Map<String, String> metadata() {
        return ModelMetadata.EMPTY
                .withClassNames(data.train().classNames())
                .withHeldOut(data.heldOut())
                .entries();
    }
}
