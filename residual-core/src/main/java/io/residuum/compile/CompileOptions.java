package io.residuum.compile;

import io.residuum.emit.RuntimeChoice;

/**
 * Options of compiling a network.
 *
 * @param compute the type of convolutions and matrix products. Default: float32
 * @param channelsLast true to store images channels-last (NHWC); PyTorch only. Default: true unless
 *     {@code compute} is float32
 * @param check true to compare a new program's outputs with the network's. Default: true
 * @param recomputeActivations true to keep few activations in training and recompute the others for
 *     the backward pass (activation checkpointing, Chen et al. 2016, arXiv:1604.06174). Default:
 *     false
 * @param runtime what runs predictions. Default: the engine
 * @param uncompiledRuns the predictions that run operation by operation before a program is
 *     compiled. A program saves about half of a prediction and takes one or more to make and check,
 *     so a process that computes few is faster without. It is for float32 on the engine: other
 *     programs compute other values, and are compiled at once. Default: 0
 */
public record CompileOptions(
        ComputeType compute,
        boolean channelsLast,
        boolean check,
        boolean recomputeActivations,
        RuntimeChoice runtime,
        int uncompiledRuns) {

    /** Checks the options. */
    public CompileOptions {
        if (uncompiledRuns < 0) {
            throw new IllegalArgumentException(
                    "uncompiledRuns must be at least 0, got " + uncompiledRuns);
        }
    }

    /** Float32, checked. */
    public static final CompileOptions DEFAULT =
            new CompileOptions(ComputeType.FLOAT32, false, true, false, RuntimeChoice.ENGINE, 0);

    /**
     * {@return checked options for inference}
     *
     * @param compute the type of convolutions and matrix products
     */
    public static CompileOptions of(ComputeType compute) {
        return new CompileOptions(
                compute, compute != ComputeType.FLOAT32, true, false, RuntimeChoice.ENGINE, 0);
    }

    /**
     * {@return checked options for training, which is faster channels-last in any type}
     *
     * @param compute the type of convolutions and matrix products
     * @param recomputeActivations true to recompute activations instead of keeping them
     */
    public static CompileOptions training(ComputeType compute, boolean recomputeActivations) {
        return new CompileOptions(
                compute, true, true, recomputeActivations, RuntimeChoice.ENGINE, 0);
    }

    /**
     * {@return these options with another runtime}
     *
     * @param other what runs predictions
     */
    public CompileOptions withRuntime(RuntimeChoice other) {
        return new CompileOptions(
                compute, channelsLast, check, recomputeActivations, other, uncompiledRuns);
    }

    /**
     * {@return these options, for a process that may compute few predictions}
     *
     * @param runs the predictions that run operation by operation before a program is compiled
     */
    public CompileOptions withUncompiledRuns(int runs) {
        return new CompileOptions(
                compute, channelsLast, check, recomputeActivations, runtime, runs);
    }
}
