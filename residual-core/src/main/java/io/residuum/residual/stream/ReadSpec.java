package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;

/**
 * A setting for what the branch of a unit reads of the unit's input: a weighted sum of its streams,
 * or its sum with earlier states. In JSON a string names a value of the graph around the unit,
 * which the branch reads instead.
 */
public interface ReadSpec extends LayerSpec {

    /** The unit's input. */
    ReadSpec INPUT = of("");

    /**
     * {@return a value of the graph around the unit}
     *
     * @param name its name; empty for the unit's input
     */
    @Shorthand
    static ReadSpec of(String name) {
        return new Value(name);
    }

    /** {@return true if the branch reads the unit's input itself} */
    default boolean isInput() {
        return equals(INPUT);
    }

    /**
     * A value of the graph around the unit.
     *
     * @param value its name; empty for the unit's input
     */
    @TypeName("value")
    record Value(String value) implements ReadSpec {
        @Override
        public String name() {
            return "";
        }

        @Override
        public Layer newBlock(Shape input) {
            return new IdentityBlock(input);
        }
    }
}
