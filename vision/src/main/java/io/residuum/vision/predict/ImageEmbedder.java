package io.residuum.vision.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Classifier;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Embeds images: computes a vector for each image, such that similar images have near vectors. Safe
 * for use by several threads.
 *
 * <pre>{@code
 * try (ImageEmbedder embedder = ImageEmbedder.open("dinov2-small", backend)) {
 *     float[] vector = embedder.embed(List.of(ImageInput.of(Path.of("cat.jpg")))).get(0);
 * }
 * }</pre>
 *
 * <p>The vector is the output of a layer, {@code (N, C)}, or its mean over the positions of {@code
 * (N, C, H, W)}. By default it is what the last linear layer reads, or the output of a network that
 * does not end in one.
 */
public final class ImageEmbedder implements AutoCloseable {
    private final OwnedResources owned;
    private final Network network;
    private final ImagePreprocessor preprocessor;
    private final String layer;

    private ImageEmbedder(OwnedResources owned, Network network, String layer) {
        this.owned = owned;
        this.network = network;
        this.layer = layer;
        this.preprocessor = new ImagePreprocessor(network.spec());
    }

    /**
     * {@return a new embedder with a network of the caller}
     *
     * @param network a network that reads images; the caller closes it
     * @throws io.residuum.train.TrainingException if it does not read images
     */
    public static ImageEmbedder of(Network network) {
        return of(network, beforeHead(network));
    }

    /**
     * {@return a new embedder with another layer}
     *
     * @param network a network that reads images; the caller closes it
     * @param layer the path of a layer; empty for the output
     * @throws io.residuum.train.TrainingException if it does not read images
     */
    public static ImageEmbedder of(Network network, String layer) {
        return OwnedResources.build(owned -> new ImageEmbedder(owned, network, layer));
    }

    /**
     * {@return a new embedder on a backend, to be closed by the caller}
     *
     * @param model a saved model or the folder of a run
     * @param backend the backend; the caller closes it
     */
    public static ImageEmbedder open(String model, Backend backend) {
        return OwnedResources.build(
                owned -> {
                    Network network = owned.open(model, backend);
                    return new ImageEmbedder(owned, network, beforeHead(network));
                });
    }

    /** {@return the layer before the last one of nested chains if that is linear; empty else} */
    private static String beforeHead(Network network) {
        String before = "";
        String path = "";
        Layer last = network.block();
        while (last instanceof Chain && !last.children().isEmpty()) {
            List<Map.Entry<String, Layer>> children = List.copyOf(last.children().entrySet());
            int end = children.size() - 1;
            if (end > 0) {
                before = path + children.get(end - 1).getKey();
            }
            path += children.get(end).getKey() + ".";
            last = children.get(end).getValue();
        }
        return last instanceof LinearBlock ? before : "";
    }

    /** {@return a vector for each image, in order} */
    public List<float[]> embed(List<ImageInput> images) {
        return embed(images, Classifier.BATCH);
    }

    /**
     * {@return a vector for each image, in order}
     *
     * @param batch the largest number of images in a forward pass, positive
     * @throws SpecException if the layer has no vectors or images
     */
    public List<float[]> embed(List<ImageInput> images, int batch) {
        Check.positive("batch", batch);
        List<float[]> vectors = new ArrayList<>();
        for (int first = 0; first < images.size(); first += batch) {
            List<ImageInput> some = images.subList(first, Math.min(first + batch, images.size()));
            float[] found = forward(some);
            int width = found.length / some.size();
            for (int i = 0; i < some.size(); i++) {
                vectors.add(Arrays.copyOfRange(found, i * width, (i + 1) * width));
            }
        }
        return vectors;
    }

    private float[] forward(List<ImageInput> images) {
        try (NDManager manager = network.backend().newManager()) {
            Shape shape = preprocessor.batchShape(images.size());
            NDList input =
                    new NDList(
                            Values.create(
                                    manager, preprocessor.read(images), shape, DataType.FLOAT32));
            NDArray found =
                    layer.isEmpty()
                            ? network.predict(input)
                            : Objects.requireNonNull(
                                    network.features(input, List.of(layer)).get(layer));
            return Values.floats(vectors(found));
        }
    }

    private NDArray vectors(NDArray found) {
        Shape shape = found.getShape();
        Check.that(
                shape.dimension() == 2 || shape.dimension() == 4,
                "the layer of embeddings must give (N, C) or (N, C, H, W), got %s of \"%s\": name"
                        + " another layer, such as the pool",
                shape,
                layer);
        return shape.dimension() == 2 ? found : found.mean(new int[] {2, 3});
    }

    /** Closes what this embedder opened. */
    @Override
    public void close() {
        owned.close();
    }
}
