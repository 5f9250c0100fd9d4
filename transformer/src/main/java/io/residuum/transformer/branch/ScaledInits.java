package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;

/** Initializations made of others. */
final class ScaledInits {
    private ScaledInits() {}

    /** The same values times a factor. */
    static Init times(Init init, double gain) {
        return gain == 1
                ? init
                : (values, shape, random) -> {
                    init.fill(values, shape, random);
                    for (int i = 0; i < values.length; i++) {
                        values[i] *= (float) gain;
                    }
                };
    }

    /**
     * Matrices of one width on top of each other, each drawn as if it stood alone: the fans of a
     * fused projection are those of its parts.
     *
     * @param inits one for each matrix
     * @param rows the rows of each
     */
    static Init stacked(Init[] inits, long[] rows) {
        return (values, shape, random) -> {
            long width = shape.get(1);
            int at = 0;
            for (int i = 0; i < inits.length; i++) {
                float[] part = new float[Math.toIntExact(rows[i] * width)];
                inits[i].fill(part, new Shape(rows[i], width), random);
                System.arraycopy(part, 0, values, at, part.length);
                at += part.length;
            }
        };
    }
}
