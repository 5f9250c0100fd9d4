package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A norm and then an activation, at one of the places around a branch; parameters below {@code
 * norm}.
 *
 * @param norm the norm. Default: none
 * @param activation the activation. Default: none
 */
@Doc("A norm and then an activation.")
public record NormActivation(
        @Default("\"none\"") NormSpec norm, @Default("\"none\"") ActivationSpec activation) {

    /** Nothing. */
    public static final NormActivation NONE = Defaults.of(NormActivation.class);

    /**
     * Creates a norm without an activation.
     *
     * @param norm the norm
     * @return the norm alone
     */
    public static NormActivation of(NormSpec norm) {
        return new NormActivation(norm, ActivationSpec.NONE);
    }

    /**
     * Creates an activation without a norm.
     *
     * @param activation the activation
     * @return the activation alone
     */
    public static NormActivation of(ActivationSpec activation) {
        return new NormActivation(NormSpec.NONE, activation);
    }

    Layer newBlock(Shape input) {
        Map<String, Layer> parts = new LinkedHashMap<>();
        Layer first = norm.newBlock(input);
        Layer second = activation.newBlock(input);
        if (!(first instanceof IdentityBlock)) {
            parts.put("norm", first);
        }
        if (!(second instanceof IdentityBlock)) {
            parts.put("activation", second);
        }
        return parts.isEmpty() ? new IdentityBlock(input) : new Chain(input, parts);
    }
}
