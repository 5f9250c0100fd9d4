package io.residuum.vision.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Lists;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.predict.ImageInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Finds objects in images. Images are resized to the network's input without distortion. Safe for
 * use by several threads.
 *
 * <pre>{@code
 * try (ObjectDetector detector = ObjectDetector.open("runs/shapes")) {
 *     for (Detection found : detector.detect(Path.of("street.png"))) {
 *         System.out.println(detector.classNames().get(found.label()) + " " + found.box());
 *     }
 * }
 * }</pre>
 */
public final class ObjectDetector implements AutoCloseable {
    private final OwnedResources owned;
    private final Network network;
    private final DetectorLayout layout;
    private final DetectionFilter filter;

    private ObjectDetector(OwnedResources owned, Network network, DetectionSettings settings) {
        this.owned = owned;
        this.network = network;
        this.layout = DetectorLayout.of(network.spec());
        this.filter = new DetectionFilter(layout, settings);
    }

    /**
     * {@return true if a network finds objects: it has a {@link RetinaHead}}
     *
     * @param spec the network
     */
    public static boolean isDetector(ModelSpec spec) {
        return DetectorLayout.isIn(spec);
    }

    /**
     * {@return a detection network with a number of classes: the same, or with a new head}
     *
     * @param spec the network
     * @param classes the number of classes
     * @throws io.residuum.train.TrainingException if it is no detection network
     */
    public static ModelSpec withClasses(ModelSpec spec, int classes) {
        return DetectorLayout.of(spec).classes() == classes ? spec : spec.withClasses(classes);
    }

    /**
     * {@return a detector for a network of the caller}
     *
     * @param network the network; the caller closes it
     * @param settings the choice of detections
     * @throws io.residuum.train.TrainingException if it is no detection network
     */
    public static ObjectDetector of(Network network, DetectionSettings settings) {
        return OwnedResources.build(owned -> new ObjectDetector(owned, network, settings));
    }

    /**
     * {@return a detector on the default backend, to be closed by the caller}
     *
     * @param model a saved model or the folder of a run
     */
    public static ObjectDetector open(String model) {
        return OwnedResources.build(
                owned -> new ObjectDetector(owned, owned.open(model), DetectionSettings.DEFAULT));
    }

    /**
     * {@return a detector on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     * @param settings the choice of detections
     */
    public static ObjectDetector open(String model, Backend backend, DetectionSettings settings) {
        return OwnedResources.build(
                owned -> new ObjectDetector(owned, owned.open(model, backend), settings));
    }

    /** {@return the names of the classes, by label; their indices if the model has no names} */
    public List<String> classNames() {
        return network.metadata().classNames(layout.classes());
    }

    /**
     * {@return the objects in a file, the highest scores first}
     *
     * @param file a picture file
     */
    public List<Detection> detect(Path file) {
        return detect(List.of(ImageInput.of(file)), 1).get(0);
    }

    /**
     * {@return the objects in each image, in order, the highest scores first}
     *
     * @param images the images, at least one
     * @param batch the largest number of images in a forward pass, positive
     */
    public List<List<Detection>> detect(List<ImageInput> images, int batch) {
        Check.positive("batch", batch);
        List<List<Detection>> all = new ArrayList<>();
        for (List<ImageInput> some : Lists.partition(images, batch)) {
            ImageShape in = layout.input();
            float[] pixels = new float[Math.multiplyExact(some.size(), in.length())];
            List<DetectorLayout.Fitted> fitted = new ArrayList<>();
            Image image = new Image();
            for (ImageInput each : some) {
                each.read(image);
                int at = fitted.size() * in.length();
                fitted.add(layout.fit(image));
                System.arraycopy(image.values(), 0, pixels, at, in.length());
            }
            Shape shape = new Shape(some.size(), in.channels(), in.height(), in.width());
            try (NDManager manager = network.backend().newManager()) {
                NDList inputs = new NDList(Values.create(manager, pixels, shape, DataType.FLOAT32));
                Map<String, NDArray> found = network.predictAll(inputs);
                float[] classes = values(found, RetinaHead.CLASSES);
                float[] boxes = values(found, RetinaHead.BOXES);
                for (int i = 0; i < fitted.size(); i++) {
                    all.add(filter.detect(classes, boxes, i, fitted.get(i)));
                }
            }
        }
        return all;
    }

    /** Returns the values of an output. */
    static float[] values(Map<String, NDArray> found, String output) {
        return Values.floats(Objects.requireNonNull(found.get(output)));
    }

    /** Closes what this instance opened. */
    @Override
    public void close() {
        owned.close();
    }
}
