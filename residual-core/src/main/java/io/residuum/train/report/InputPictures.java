package io.residuum.train.report;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/** Draws the input images of a batch. */
public final class InputPictures {
    private InputPictures() {}

    /**
     * {@return a function from the index of a sample to its input image; empty if the first input
     * is no image of one or three channels}
     *
     * @param spec the network, whose mean and standard deviation are undone
     * @param inputs the inputs of the batch
     */
    public static IntFunction<Optional<Picture>> of(ModelSpec spec, NDList inputs) {
        NDArray first = inputs.head();
        Shape shape = first.getShape();
        boolean image = shape.dimension() == 4 && (shape.get(1) == 1 || shape.get(1) == 3);
        if (!image) {
            return sample -> Optional.empty();
        }
        float[] values = Values.floats(first);
        int channels = (int) shape.get(1);
        int height = Math.toIntExact(shape.get(2));
        int width = Math.toIntExact(shape.get(3));
        return sample -> {
            int size = channels * height * width;
            float[] planes = Arrays.copyOfRange(values, sample * size, (sample + 1) * size);
            if (spec.input() instanceof InputSpec.Image normalized) {
                for (int i = 0; i < size; i++) {
                    int channel = i / (height * width);
                    double std = normalized.std().isEmpty() ? 1 : normalized.std().get(channel);
                    double mean = normalized.mean().isEmpty() ? 0 : normalized.mean().get(channel);
                    planes[i] = (float) (planes[i] * std + mean);
                }
            }
            return Optional.of(Picture.ofPlanes(planes, channels, height, width));
        };
    }
}
