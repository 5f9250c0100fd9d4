package io.residuum.engine;

import ai.djl.ndarray.types.Shape;

/**
 * The sizes of a transposed convolution, as of PyTorch's {@code conv_transpose}. Each shape has one
 * size per axis of positions.
 *
 * @param stride the step between the windows in the output
 * @param padding positions that are removed on each side of the output
 * @param outputPadding positions that are added at the end of each axis
 * @param dilation the distance between the window's elements
 * @param groups the number of channel groups, positive
 */
public record TransposedWindow(
        Shape stride, Shape padding, Shape outputPadding, Shape dilation, int groups) {

    /**
     * {@return the length of an axis of the output}
     *
     * @param in the length of the axis of the input
     * @param kernel the length of the window
     * @param axis the axis of positions, from 0
     */
    public long size(long in, long kernel, int axis) {
        return (in - 1) * stride.get(axis)
                - 2 * padding.get(axis)
                + dilation.get(axis) * (kernel - 1)
                + outputPadding.get(axis)
                + 1;
    }

    /**
     * {@return this window with more groups, so that MXNet can compute the gradient} oneDNN fails
     * in the gradient of a single filter whose channels are a multiple of 8. Such a filter becomes
     * several of 4 channels, and the sum of their outputs is the output.
     *
     * @param weight {@code (C, F / groups, h, w)}, the shape of the weights
     */
    public TransposedWindow withTrainableGroups(Shape weight) {
        long channels = weight.get(0) / groups;
        return weight.get(1) == 1 && channels % 8 == 0
                ? new TransposedWindow(
                        stride, padding, outputPadding, dilation, (int) (weight.get(0) / 4))
                : this;
    }
}
