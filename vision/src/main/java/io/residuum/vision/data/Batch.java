package io.residuum.vision.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.train.TrainingBatch;
import io.residuum.vision.image.ImageShape;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some images with their labels, ready for a network. Closing gives the image buffer back to the
 * loader for a later batch: do it once the images are copied, and do not touch them afterwards. A
 * batch that is not closed costs an allocation, nothing else.
 */
public final class Batch implements TrainingBatch {
    private final ImageShape shape;
    private final int[] indices;
    private final int[] labels;
    private final float @Nullable [] targets;
    private final Consumer<float[]> recycler;
    private float @Nullable [] images;

    Batch(
            ImageShape shape,
            float[] images,
            int[] indices,
            int[] labels,
            float @Nullable [] targets,
            Consumer<float[]> recycler) {
        this.shape = shape;
        this.images = images;
        this.indices = indices;
        this.labels = labels;
        this.targets = targets;
        this.recycler = recycler;
    }

    /** Returns the number of images; the last batch of an epoch may be smaller than the others. */
    @Override
    public int samples() {
        return labels.length;
    }

    @Override
    public NDList inputs(NDManager manager, DataType type) {
        Shape dims = new Shape(samples(), shape.channels(), shape.height(), shape.width());
        return new NDList(Values.create(manager, images(), dims, type));
    }

    /**
     * Returns the shape of each image.
     *
     * @return the shape
     */
    public ImageShape shape() {
        return shape;
    }

    /**
     * Returns the images.
     *
     * @return (size, channels, height, width), exactly as long as that
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

    /** Returns the labels (size): those of the images before any mixing. */
    @Override
    public int[] labels() {
        return labels;
    }

    /**
     * Returns the soft targets (size, classes), rows that sum to 1; null without mixing and label
     * smoothing.
     */
    @Override
    public float @Nullable [] targets() {
        return targets;
    }

    /**
     * Returns which images of the set these are.
     *
     * @return (size)
     */
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
