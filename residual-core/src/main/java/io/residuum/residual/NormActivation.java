package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A norm followed by an activation, at one position around a branch. Parameters are below {@code
 * norm}.
 *
 * @param norm the norm. Default: none
 * @param activation the activation. Default: none
 */
public record NormActivation(
        @Default("\"none\"") NormSpec norm, @Default("\"none\"") ActivationSpec activation) {

    /** No norm and no activation. */
    public static final NormActivation NONE = Defaults.of(NormActivation.class);

    /** {@return a norm without an activation} */
    public static NormActivation of(NormSpec norm) {
        return new NormActivation(norm, ActivationSpec.NONE);
    }

    /** {@return an activation without a norm} */
    public static NormActivation of(ActivationSpec activation) {
        return new NormActivation(NormSpec.NONE, activation);
    }

    Layer newBlock(Shape input) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("norm", norm.newBlock(input));
        layers.put("activation", activation.newBlock(input));
        layers.values().removeIf(IdentityBlock.class::isInstance);
        return layers.isEmpty() ? new IdentityBlock(input) : new Chain(input, layers);
    }
}
