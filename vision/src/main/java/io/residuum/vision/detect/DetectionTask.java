package io.residuum.vision.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.LossSpec;
import io.residuum.metric.Measure;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.train.BatchLoss;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.image.PictureReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Object detection: a network of a {@link RetinaHead} learns the classes and boxes of its anchors.
 * Epochs are compared by the {@linkplain MeanAveragePrecision mean average precision}.
 */
public final class DetectionTask implements Task {
    private final SampleTask samples;
    private final List<String> classNames;
    private final List<String> notes;

    private DetectionTask(SampleTask samples, List<String> classNames, List<String> notes) {
        this.samples = samples;
        this.classNames = List.copyOf(classNames);
        this.notes = List.copyOf(notes);
    }

    /**
     * {@return the task of learning from images in memory, files or a generator}
     *
     * @param source the data in a few words
     * @param spec the network
     * @param parts the images; a share of those for training is held out if there are none for
     *     validation
     * @param share the share of the training images to hold out without validation images, in [0,
     *     1)
     * @throws io.residuum.train.TrainingException if it is no detection network, or has too few
     *     classes
     */
    public static DetectionTask of(
            String source, ModelSpec spec, DetectionSource.Splits parts, double share) {
        DetectorLayout layout = DetectorLayout.of(spec);
        Samples train = new DetectionSamples(parts.train(), layout, null);
        Optional<Samples> validation =
                parts.validation().map(set -> new DetectionSamples(set, layout, null));
        Optional<Samples> test = parts.test().map(set -> new DetectionSamples(set, layout, null));
        SampleSplits data =
                validation.isPresent()
                        ? new SampleSplits(source, train, validation, test, OptionalDouble.empty())
                        : SampleSplits.holdingOut(source, train, test, share);
        return new DetectionTask(SampleTask.on(data), parts.train().classNames(), List.of());
    }

    /**
     * {@return the task of evaluating a network on images}
     *
     * @param source the data in a few words
     * @param spec the network
     * @param set the images
     */
    public static DetectionTask toEvaluate(String source, ModelSpec spec, DetectionSet set) {
        Samples samples = new DetectionSamples(set, DetectorLayout.of(spec), null);
        return new DetectionTask(
                SampleTask.on(SampleSplits.toEvaluate(source, samples)),
                set.classNames(),
                List.of());
    }

    /**
     * {@return the task of evaluating a network on files}
     *
     * @param source the files
     * @param spec the network
     * @param metadata the metadata of the network, with the names of its classes
     * @param reader the decoder of pictures
     */
    public static DetectionTask toEvaluate(
            DetectionSource source, ModelSpec spec, ModelMetadata metadata, PictureReader reader) {
        int classes = DetectorLayout.of(spec).classes();
        return toEvaluate(
                source.toString(), spec, source.evaluation(classes, metadata.classNames(), reader));
    }

    /**
     * {@return a copy with other notes}
     *
     * @param lines lines that training prints and reports. Default: none
     */
    public DetectionTask withNotes(List<String> lines) {
        return new DetectionTask(samples, classNames, lines);
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public String description() {
        return samples.description();
    }

    @Override
    public Optional<String> fingerprint() {
        return samples.fingerprint();
    }

    @Override
    public String unit() {
        return "images";
    }

    @Override
    public void requireFitting(Network network) {
        samples.requireFitting(network);
    }

    /** {@return the recipe with the usual losses of both outputs and flips, if it names none} */
    @Override
    public Recipe completed(Recipe recipe) {
        Recipe completed =
                recipe.augmentation() == null
                        ? recipe.with().augmentation(List.of(new HorizontalFlip(0.5))).build()
                        : recipe;
        return samples.completed(completed.with().losses(losses(recipe.losses())).build());
    }

    private static Map<String, LossSpec> losses(Map<String, LossSpec> given) {
        Map<String, LossSpec> losses = new LinkedHashMap<>(given);
        losses.putIfAbsent(RetinaHead.CLASSES, Defaults.of(FocalLoss.class));
        losses.putIfAbsent(RetinaHead.BOXES, Defaults.of(BoxLoss.class));
        return losses;
    }

    @Override
    public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
        return samples.trainingBatches(spec, recipe);
    }

    @Override
    public Optional<EvaluationSet> validation() {
        return samples.data().validation().map(part -> evaluation((DetectionSamples) part));
    }

    @Override
    public Optional<EvaluationSet> test() {
        return samples.data().test().map(part -> evaluation((DetectionSamples) part));
    }

    @Override
    public OptionalDouble heldOut() {
        return samples.heldOut();
    }

    @Override
    public Map<String, String> metadata() {
        return ModelMetadata.EMPTY
                .withClassNames(classNames)
                .withHeldOut(samples.heldOut())
                .entries();
    }

    private static EvaluationSet evaluation(DetectionSamples part) {
        return EvaluationSet.of(
                part.size(), (network, options) -> evaluate(network, part, options));
    }

    private static EvaluationResult evaluate(
            Network network, DetectionSamples part, EvaluationOptions options) {
        options.requireNoPredictions("detection");
        SampleLayout layout = new SampleLayout(network.spec());
        BatchLoss loss = new BatchLoss(network, losses(options.losses()));
        DetectionFilter filter = new DetectionFilter(part.layout(), DetectionSettings.DEFAULT);
        MeanAveragePrecision precision = new MeanAveragePrecision();
        VocAveragePrecision voc = new VocAveragePrecision();
        double sum = 0;
        for (int first = 0; first < part.size(); first += options.batch()) {
            int end = Math.min(part.size(), first + options.batch());
            List<DetectionSamples.Read> some =
                    IntStream.range(first, end)
                            .parallel()
                            .mapToObj(i -> part.read(i, false))
                            .toList();
            try (TrainingBatch batch =
                            layout.batch(
                                    some.stream().map(DetectionSamples.Read::sample).toList());
                    NDManager manager = network.backend().newManager();
                    Ops.Pause pause = network.backend().ops().pauseRecording()) {
                Map<String, NDArray> found =
                        network.predictAll(batch.inputs(manager, DataType.FLOAT32));
                NDArray mean = loss.of(new NDList(found.values()), batch.targets());
                sum += some.size() * Values.floats(mean)[0];
                float[] classes = ObjectDetector.values(found, RetinaHead.CLASSES);
                float[] boxes = ObjectDetector.values(found, RetinaHead.BOXES);
                for (int i = 0; i < some.size(); i++) {
                    List<Detection> detections =
                            filter.detect(classes, boxes, i, some.get(i).fitted());
                    precision.add(detections, part.set().objects(first + i));
                    voc.add(detections, part.set().objects(first + i));
                }
            }
        }
        return result(
                sum / part.size(),
                precision.result(),
                part.set().isVoc() ? Optional.of(voc.mean()) : Optional.empty());
    }

    private static EvaluationResult result(
            double loss, MeanAveragePrecision.Result precision, Optional<Double> voc) {
        List<Measure> measures = new ArrayList<>();
        measures.add(new Measure("mAP", precision.map()));
        measures.add(new Measure("AP50", precision.ap50()));
        measures.add(new Measure("AP75", precision.ap75()));
        voc.ifPresent(mean -> measures.add(new Measure("VOC mAP", mean)));
        Double compared = Double.isNaN(precision.map()) ? null : precision.map();
        return EvaluationResult.of(
                new Score(Double.isFinite(loss) ? loss : null, null, compared), measures);
    }
}
