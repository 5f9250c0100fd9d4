package io.residuum.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.Augmentation;
import io.residuum.data.Batch;
import io.residuum.data.BatchLoader;
import io.residuum.data.DataSplits;
import io.residuum.data.Image;
import io.residuum.data.ImageSet;
import io.residuum.data.ImageShape;
import io.residuum.engine.Values;
import io.residuum.model.ClassNames;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.report.Mistake;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Telling images apart. An epoch is a pass over the training images, or its first {@link
 * Recipe#stepsPerEpoch} updates.
 *
 * @param data in the shape that the network reads
 */
public record ImageClassification(DataSplits data) implements Task {

    @Override
    public String description() {
        return data.description();
    }

    @Override
    public String unit() {
        return "images";
    }

    @Override
    public void requireFitting(Network network) {
        Evaluator.requireFitting(network, data.train());
        Evaluator.requireFitting(network, data.evaluation());
    }

    /** Where the recipe leaves the augmentation to the data, that of the data is taken. */
    @Override
    public Recipe completed(Recipe recipe) {
        return recipe.augmentation() != null
                ? recipe
                : recipe.with().augmentation(data.augmentation()).build();
    }

    @Override
    public BatchSource feed(ModelSpec spec, Recipe recipe) {
        List<Augmentation> augmentation = recipe.augmentation();
        BatchLoader loader =
                BatchLoader.over(data.train())
                        .batchSize(recipe.batch())
                        .shuffle(true)
                        .seed(recipe.seed())
                        .dropLast(true)
                        .augment(
                                ImageInputs.pipeline(
                                        augmentation == null ? List.of() : augmentation, spec))
                        .mix(recipe.mixing())
                        .labelSmoothing(recipe.labelSmoothing())
                        .open();
        try {
            return new Feed(loader, recipe.batchesPerEpoch(loader.batches()));
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }

    private record Feed(BatchLoader loader, int batches) implements BatchSource {
        @Override
        public Epoch epoch(int number) {
            return Epoch.of(loader.epoch(number), Images::new);
        }

        @Override
        public void close() {
            loader.close();
        }
    }

    /** A batch of images as training sees it. */
    record Images(Batch batch) implements TrainingBatch {
        @Override
        public int samples() {
            return batch.size();
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            ImageShape shape = batch.shape();
            Shape dims = new Shape(batch.size(), shape.channels(), shape.height(), shape.width());
            return new NDList(Values.create(manager, batch.images(), dims, type));
        }

        @Override
        public int[] labels() {
            return batch.labels();
        }

        @Override
        public float @Nullable [] targets() {
            return batch.targets();
        }

        @Override
        public void close() {
            batch.close();
        }
    }

    @Override
    public long evaluationSize() {
        return data.evaluation().size();
    }

    @Override
    public EvaluationResult evaluate(Network network, int batch) {
        ImageSet set = data.evaluation();
        Evaluation evaluation = Evaluator.evaluate(network, set, batch);
        return EvaluationResult.ofClasses(
                evaluation, set.classNames(), sample -> mistake(set, evaluation, sample));
    }

    private static Mistake mistake(ImageSet set, Evaluation evaluation, int sample) {
        ImageShape shape = set.shape();
        Image image = new Image();
        set.read(sample, image);
        return Mistake.ofPlanes(
                Arrays.copyOf(image.values(), shape.length()),
                shape.channels(),
                shape.height(),
                shape.width(),
                set.classNames().get(evaluation.label(sample)),
                set.classNames().get(evaluation.prediction(sample)),
                evaluation.probability(sample));
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of(ClassNames.METADATA, ClassNames.json(data.train().classNames()));
    }
}
