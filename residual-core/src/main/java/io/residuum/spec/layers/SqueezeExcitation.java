package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.composite.SqueezeExcitationBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;

/**
 * Squeeze and excitation (Hu et al. 2018): scales each channel by a gate computed from the means of
 * all channels. Parameters are below {@code reduce} and {@code expand}.
 *
 * @param reduction the hidden width is channels / reduction, rounded to a multiple of {@code
 *     divisor}. Default: 16
 * @param shift true to add an offset to each scaled channel, computed like the gate, as in the
 *     chess networks of Leela Chess Zero. Default: false
 * @param init the initial weights of both linear maps. Default: He et al. 2015, normal, fan-in
 * @param width the hidden width, used instead of {@code reduction}; 0 for none. Default: 0
 * @param activation the activation of the hidden channels. Default: relu
 * @param gate the function of the factors, such as {@code hardSigmoid} in MobileNetV3. Default:
 *     sigmoid
 * @param divisor the number that the hidden width is a multiple of, at least this; 8 as in timm.
 *     Default: 8
 */
@TypeName("squeezeExcitation")
public record SqueezeExcitation(
        @Default("\"\"") String name,
        @Default("16") int reduction,
        @Default("false") boolean shift,
        @Default("{\"type\": \"heNormal\", \"fan\": \"in\"}") InitSpec init,
        @Default("0") int width,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("\"sigmoid\"") ActivationSpec gate,
        @Default("8") int divisor)
        implements LayerSpec {
    private static final int DIVISOR = 8;

    public SqueezeExcitation {
        Check.positive("reduction", reduction);
        Check.notNegative("width", width);
        Check.positive("divisor", divisor);
        Check.that(
                width == 0 || divisor == DIVISOR, "divisor must be 8 with width, got %s", divisor);
    }

    /**
     * Creates squeeze and excitation without an offset.
     *
     * @param name its name; may be empty
     * @param reduction the channels divided by the hidden width
     * @param init the initial weights of both linear maps
     */
    public SqueezeExcitation(String name, int reduction, InitSpec init) {
        this(name, reduction, false, init);
    }

    /**
     * Creates squeeze and excitation with the usual functions.
     *
     * @param name its name; may be empty
     * @param reduction the channels divided by the hidden width
     * @param shift true to add an offset to each channel
     * @param init the initial weights of both linear maps
     */
    public SqueezeExcitation(String name, int reduction, boolean shift, InitSpec init) {
        this(name, reduction, shift, init, DIVISOR);
    }

    /**
     * Creates squeeze and excitation with the usual functions.
     *
     * @param name its name; may be empty
     * @param reduction the channels divided by the hidden width
     * @param shift true to add an offset to each channel
     * @param init the initial weights of both linear maps
     * @param divisor the number that the hidden width is a multiple of
     */
    public SqueezeExcitation(
            String name, int reduction, boolean shift, InitSpec init, int divisor) {
        this(
                name,
                reduction,
                shift,
                init,
                0,
                ActivationSpec.RELU,
                new ActivationSpec.Sigmoid(),
                divisor);
    }

    /**
     * {@return squeeze and excitation of a hidden width, with the usual functions and weights}
     *
     * @param name its name; may be empty
     * @param width the hidden width, positive
     */
    public static SqueezeExcitation ofWidth(String name, int width) {
        return ofWidth(name, width, ActivationSpec.RELU, new ActivationSpec.Sigmoid());
    }

    /**
     * {@return squeeze and excitation of a hidden width, with the usual initial weights}
     *
     * @param name its name; may be empty
     * @param width the hidden width, positive
     * @param activation the activation of the hidden channels
     * @param gate the function of the factors
     */
    public static SqueezeExcitation ofWidth(
            String name, int width, ActivationSpec activation, ActivationSpec gate) {
        Check.positive("width", width);
        InitSpec usual = Defaults.of(SqueezeExcitation.class).init();
        return new SqueezeExcitation(name, 1, false, usual, width, activation, gate, DIVISOR);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new SqueezeExcitationBlock(
                input,
                width > 0
                        ? width
                        // Rounding down must not remove more than a tenth.
                        : Shapes.divisible((double) input.get(1) / reduction, divisor, 0.9),
                shift,
                init.toInit(),
                shape -> function("activation", activation, shape),
                shape -> function("gate", gate, shape));
    }

    private static Layer function(String name, ActivationSpec function, Shape input) {
        Layer layer = function.newBlock(input);
        Check.that(
                layer.namedParameters().isEmpty(),
                "%s of squeezeExcitation must have no parameters, got %s",
                name,
                function);
        return layer;
    }
}
