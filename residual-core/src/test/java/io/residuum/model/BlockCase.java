package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Nets;

/**
 * A layer to hold to the contract.
 *
 * @param name what it shows
 * @param layer the layer
 * @param input a batch that it is built for
 * @param other another batch that it must take as well: a batch size, and an image size or sequence
 *     length, of its own
 * @param engineDraws whether the engine draws in training (dropout), so that engines differ there
 */
public record BlockCase(
        String name, LayerSpec layer, Shape input, Shape other, boolean engineDraws) {

    static BlockCase image(String name, LayerSpec layer) {
        return new BlockCase(
                name, layer, new Shape(3, 4, 6, 6), new Shape(2, 4, 9, 7), draws(layer));
    }

    static BlockCase sequence(String name, LayerSpec layer) {
        return new BlockCase(name, layer, new Shape(3, 5, 4), new Shape(2, 7, 4), draws(layer));
    }

    static BlockCase vector(String name, LayerSpec layer) {
        return new BlockCase(name, layer, new Shape(6, 4), new Shape(2, 4), draws(layer));
    }

    private static boolean draws(LayerSpec layer) {
        return layer.toString().contains("Dropout[") || layer.toString().contains("Dropped[");
    }

    /** True if gradients in training are not those of the forward pass. */
    boolean isShaken() {
        return layer.toString().contains("ShakeDrop[") || layer.toString().contains("SHAKE");
    }

    /**
     * The network of this layer alone.
     *
     * @return its spec
     */
    public ModelSpec spec() {
        Integer[] sample = new Integer[input.dimension() - 1];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = (int) input.get(i + 1);
        }
        return Nets.spec(layer, sample);
    }

    @Override
    public String toString() {
        return name;
    }
}
