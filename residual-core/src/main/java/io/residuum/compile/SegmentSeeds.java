package io.residuum.compile;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;

/**
 * Seeds of the segments of one training step, so that a recomputation draws the same numbers.
 *
 * @param backend the engine that draws
 * @param first the seed of the first segment
 */
record SegmentSeeds(Backend backend, long first) {
    /** A range of seeds in which float32 represents every integer. */
    private static final int RANGE = 1 << 24;

    /** Draws the seed from the engine's generator, so that seeding the engine is enough. */
    static SegmentSeeds draw(Backend backend) {
        // On the CPU, so that a GPU need not be waited for.
        try (NDManager cpu = backend.manager().newSubManager(Device.cpu());
                NDArray drawn = cpu.randomUniform(0, RANGE, new Shape(1))) {
            return new SegmentSeeds(backend, (long) drawn.getFloat());
        }
    }

    /** Returns the seed of a segment. */
    long of(int segment) {
        return first + (long) segment * RANGE;
    }

    /** Seeds the engine before a segment, in the forward pass and again in the backward pass. */
    void begin(int segment) {
        backend.seed(of(segment));
    }
}
