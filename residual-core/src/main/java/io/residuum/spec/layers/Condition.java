package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.ModulationBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A side input {@code (N, width)} that scales or shifts channels, such as an embedding of a time or
 * a class. In JSON a number is a width. In a graph {@code "with": {"condition": "value"}} names the
 * value. Otherwise it is an input of the network.
 *
 * @param width the width of the side input
 * @param input the name of the side input. Default: condition
 */
public record Condition(int width, @Default("\"" + Condition.INPUT + "\"") String input) {

    /** The usual name of the side input. */
    public static final String INPUT = "condition";

    public Condition {
        Check.positive("width", width);
        Check.that(!input.isBlank(), "input must name a side input, got a blank name");
    }

    /** {@return the side input {@code condition}} */
    @Shorthand
    public static Condition of(int width) {
        return new Condition(width, INPUT);
    }

    /**
     * {@return a layer that computes {@code g(c) x}}
     *
     * @param shape the shape of x
     * @param init the initial weights of g
     */
    public Layer gate(Shape shape, InitSpec init) {
        return block(shape, init, ModulationBlock.Kind.GATE);
    }

    /**
     * {@return a layer that computes {@code (1 + g(c)) x + b(c)}}
     *
     * @param shape the shape of x
     * @param init the initial weights of g and b
     */
    public Layer modulation(Shape shape, InitSpec init) {
        return block(shape, init, ModulationBlock.Kind.SCALE_AND_SHIFT);
    }

    /** {@return a layer {@code norm} and then {@code modulation}; an identity is left out} */
    Layer modulated(Layer norm, InitSpec init) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("norm", norm);
        layers.put("modulation", modulation(norm.inputShape(), init));
        layers.values().removeIf(IdentityBlock.class::isInstance);
        return new Chain(norm.inputShape(), layers);
    }

    private Layer block(Shape shape, InitSpec init, ModulationBlock.Kind kind) {
        return new ModulationBlock(shape, input, width, init.toInit(), kind);
    }
}
