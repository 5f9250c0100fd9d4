package io.residuum.vision.predict;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Translator;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.ClassifierTranslator;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.train.rows.RowHeader;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Classifies images. Safe for use by several threads.
 *
 * <pre>{@code
 * try (ImageClassifier classifier = ImageClassifier.open("runs/first")) {
 *     System.out.println(classifier.classify(Path.of("seven.png")).best()); // 7 (99.8%)
 * }
 * }</pre>
 *
 * <p>Images are pictures of any size in a format that {@link
 * io.residuum.vision.image.PictureReader} reads. {@link ImagePreprocessor} describes how they are
 * fitted to the network. Other content causes a {@link io.residuum.data.DataException}.
 */
public final class ImageClassifier implements AutoCloseable {
    private final OwnedResources owned;
    private final Classifier<ImageInput> classifier;

    private ImageClassifier(OwnedResources owned, Network network, @Nullable String head) {
        this.owned = owned;
        ImagePreprocessor preprocessor = new ImagePreprocessor(network.spec());
        BiFunction<NDManager, List<ImageInput>, NDList> inputs =
                (manager, some) -> inputs(preprocessor, manager, some);
        this.classifier =
                head == null
                        ? new Classifier<>(network, inputs)
                        : new Classifier<>(network, inputs, head);
        RowHeader.requireClassifier(network.metadata(), classifier.head());
    }

    private static NDList inputs(
            ImagePreprocessor preprocessor, NDManager manager, List<ImageInput> images) {
        return new NDList(
                Values.create(
                        manager,
                        preprocessor.read(images),
                        preprocessor.batchShape(images.size()),
                        DataType.FLOAT32));
    }

    /**
     * {@return a new classifier with a network of the caller}
     *
     * @param network a network that reads images and gives one output per class; the caller closes
     *     it
     * @throws io.residuum.train.TrainingException if the network does not read images
     * @throws io.residuum.spec.SpecException if it is no classifier
     */
    public static ImageClassifier of(Network network) {
        return OwnedResources.build(owned -> new ImageClassifier(owned, network, null));
    }

    /**
     * {@return a new classifier with one of several outputs of the caller's network}
     *
     * @param network a network that reads images; the caller closes it
     * @param head the name of the output with the classes, or the path of a further head
     * @throws io.residuum.spec.SpecException if the network has no such head, or it has no classes
     */
    public static ImageClassifier of(Network network, String head) {
        return OwnedResources.build(owned -> new ImageClassifier(owned, network, head));
    }

    /**
     * {@return a new classifier on the default backend, to be closed by the caller}
     *
     * @param model a saved model or the folder of a run
     */
    public static ImageClassifier open(String model) {
        return OwnedResources.build(owned -> new ImageClassifier(owned, owned.open(model), null));
    }

    /**
     * {@return a new classifier on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static ImageClassifier open(String model, Backend backend) {
        return OwnedResources.build(
                owned -> new ImageClassifier(owned, owned.open(model, backend), null));
    }

    /**
     * {@return the classes of an image file}
     *
     * @param file a picture file
     */
    public Classification classify(Path file) {
        return classify(ImageInput.of(file));
    }

    /**
     * Classifies an image from a stream, which is read to its end.
     *
     * @param stream the bytes of a picture file; the caller closes it
     * @return its classes
     */
    public Classification classify(InputStream stream) {
        return classify(ImageInput.of(stream));
    }

    /**
     * {@return the classes of an image in memory}
     *
     * @param encoded the bytes of a picture file
     */
    public Classification classify(byte[] encoded) {
        return classify(ImageInput.of(encoded));
    }

    /**
     * {@return the classes of a decoded image}
     *
     * @param image a gray or RGB image
     */
    public Classification classify(BufferedImage image) {
        return classify(ImageInput.of(image));
    }

    private Classification classify(ImageInput image) {
        return classify(List.of(image)).get(0);
    }

    /**
     * {@return one classification per image, in order, {@value io.residuum.model.Classifier#BATCH}
     * per forward pass}
     *
     * @param images for instance {@code paths.stream().map(ImageInput::of).toList()}
     */
    public List<Classification> classify(List<ImageInput> images) {
        return classify(images, Classifier.BATCH);
    }

    /**
     * {@return one classification per image, in order}
     *
     * @param images as for {@link #classify(List)}
     * @param batch the largest number of images in a forward pass, positive
     */
    public List<Classification> classify(List<ImageInput> images, int batch) {
        return classifier.classify(images, batch);
    }

    /**
     * {@return a translator for DJL's {@code Predictor}, which resizes, crops and normalizes images
     * as this classifier does} The block of the DJL model must be that of this network.
     */
    public Translator<Image, Classifications> translator() {
        BiFunction<NDManager, List<ImageInput>, NDList> inputs = classifier.inputs();
        return new ClassifierTranslator<>(
                new Classifier<>(
                        classifier.network(),
                        (manager, images) ->
                                inputs.apply(manager, images.stream().map(ImageInput::of).toList()),
                        classifier.head()),
                true);
    }

    /** Closes what this classifier opened. */
    @Override
    public void close() {
        owned.close();
    }
}
