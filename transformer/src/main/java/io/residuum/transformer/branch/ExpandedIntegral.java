package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.ActivationSpec;

/**
 * xIELU, {@code a x^2 + x / 2} for positive x and {@code b (exp(x) - 1 - x) + x / 2} for others
 * (Huang and Schlag 2024, arXiv:2411.13010, Section 3). Learned numbers are {@code alphaPositive}
 * and {@code alphaNegative}: a is softplus(alphaPositive), and b is 1/2 + softplus(alphaNegative).
 * Both a and b are 0.8 at the start.
 */
@TypeName("xielu")
public record ExpandedIntegral() implements ActivationSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new ExpandedIntegralBlock(input);
    }
}
