package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;

/** Initializations derived from others. */
final class ScaledInits {
    private ScaledInits() {}

    /** {@return an initialization whose values are multiplied by a factor} */
    static Init times(Init init, double gain) {
        if (gain == 0) {
            return Init.ZEROS;
        }
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
     * Stacks matrices of one width, each initialized as if it were alone. So a fused projection has
     * the fans of its parts.
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
