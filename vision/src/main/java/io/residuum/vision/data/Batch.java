package io.residuum.vision.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.nn.Layer;
import io.residuum.train.TrainingBatch;
import io.residuum.vision.image.ImageShape;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Images with their labels, ready for a network. Closing returns the image buffer to the loader for
 * a later batch. Close a batch after copying its images, and do not use them afterwards. A batch
 * that is not closed only costs an allocation.
 */
public final class Batch implements TrainingBatch {
    private final ImageShape shape;
    private final int[] indices;
    private final int[] labels;
    private final float @Nullable [] probabilities;
    private final Consumer<float[]> recycler;
    private float @Nullable [] images;

    Batch(
            ImageShape shape,
            float[] images,
            int[] indices,
            int[] labels,
            float @Nullable [] probabilities,
            Consumer<float[]> recycler) {
        this.shape = shape;
        this.images = images;
        this.indices = indices;
        this.labels = labels;
        this.probabilities = probabilities;
        this.recycler = recycler;
    }

    /** {@return the number of images; the last batch of an epoch may be smaller} */
    @Override
    public int samples() {
        return labels.length;
    }

    @Override
    public NDList inputs(NDManager manager, DataType type) {
        Shape dims = new Shape(samples(), shape.channels(), shape.height(), shape.width());
        return new NDList(Values.create(manager, images(), dims, type));
    }

    /** {@return the shape of each image} */
    public ImageShape shape() {
        return shape;
    }

    /**
     * {@return the images (size, channels, height, width), an array of exactly this length}
     *
     * @throws IllegalStateException if the batch is closed
     */
    public float[] images() {
        float[] open = images;
        if (open == null) {
            throw new IllegalStateException(
                    "the images of a batch must be read before it is closed");
        }
        return open;
    }

    /** {@return the labels (size) of the images before mixing} */
    public int[] labels() {
        return labels;
    }

    /** {@return the soft targets (size, classes); null without mixing} */
    public float @Nullable [] probabilities() {
        return probabilities;
    }

    @Override
    public Map<String, Target> targets() {
        return Map.of(Layer.OUTPUT, new Target.Classes(labels, probabilities));
    }

    /** {@return the indices (size) of the images in their set} */
    public int[] indices() {
        return indices;
    }

    @Override
    public void close() {
        float[] open = images;
        images = null;
        if (open != null) {
            recycler.accept(open);
        }
    }
}
