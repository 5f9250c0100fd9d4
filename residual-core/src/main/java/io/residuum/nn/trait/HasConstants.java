package io.residuum.nn.trait;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A layer with arrays that it computes or does without, and that other libraries store beside the
 * weights. A dialect names them as it names parameters: they are written, and ignored when read.
 */
public interface HasConstants {

    /**
     * An array that depends on the settings of a layer only.
     *
     * @param shape its shape
     * @param integers true if libraries store it as int64, false for float32
     * @param values returns its values in row-major order
     */
    record Constant(Shape shape, boolean integers, Supplier<float[]> values) {

        /**
         * {@return zeros}
         *
         * @param dimensions the shape
         */
        public static Constant zeros(long... dimensions) {
            Shape shape = new Shape(dimensions);
            return new Constant(shape, false, () -> new float[Math.toIntExact(shape.size())]);
        }
    }

    /** {@return this layer's constants by name} */
    Map<String, Constant> constants();
}
