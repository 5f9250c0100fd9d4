package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** The operations on images that differ between engines. */
interface SpatialOps {

    /**
     * {@return the transposed convolution of x: the gradient of a convolution with respect to its
     * input (Zeiler et al. 2010)}
     *
     * @param x {@code (N, C, H, W)}, or one or three axes of positions
     * @param weight {@code (C, F / groups, h, w)}
     * @param bias {@code (F)}, or null for none
     * @param window the sizes
     */
    NDArray transposedConvolution(
            NDArray x, NDArray weight, @Nullable NDArray bias, TransposedWindow window);

    /**
     * {@return the images of x, interpolated to another size}
     *
     * @param x {@code (N, C, H, W)}
     * @param height the new height
     * @param width the new width
     * @param interpolation the settings
     */
    NDArray resize(NDArray x, long height, long width, Interpolation interpolation);
}
