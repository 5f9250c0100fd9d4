package io.residuum.nn.invert;

import java.util.Optional;

/**
 * A layer with one input and one output, such as a residual unit, which training may compute a
 * second time instead of keeping its activations.
 */
public interface Recomputable {

    /** {@return the inverse; empty if the output does not determine the input} */
    Optional<Inverse> inverse();
}
