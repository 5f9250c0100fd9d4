package io.residuum.compile;

/**
 * Options of compiling a network.
 *
 * @param compute what convolutions and matrix products compute in. Default: float32
 * @param channelsLast whether images lie with their channels beside each other; PyTorch only.
 *     Default: where {@code compute} is not float32
 * @param check whether outputs are compared with the network's own when a program is made. Default:
 *     true
 * @param checkpoint whether training keeps few activations and computes the others again for the
 *     backward pass (Chen et al. 2016, arXiv:1604.06174). Default: false
 */
public record CompileOptions(
        ComputeType compute, boolean channelsLast, boolean check, boolean checkpoint) {

    /** Float32, checked. */
    public static final CompileOptions DEFAULT =
            new CompileOptions(ComputeType.FLOAT32, false, true, false);

    /**
     * Checked options.
     *
     * @param compute what convolutions and matrix products compute in
     * @return options with the defaults for it
     */
    public static CompileOptions of(ComputeType compute) {
        return new CompileOptions(compute, compute != ComputeType.FLOAT32, true, false);
    }

    /**
     * Checked options for training, which is faster channels-last in any type.
     *
     * @param compute what convolutions and matrix products compute in
     * @param checkpoint whether activations are computed again instead of kept
     * @return options with the defaults for it
     */
    public static CompileOptions training(ComputeType compute, boolean checkpoint) {
        return new CompileOptions(compute, true, true, checkpoint);
    }
}
