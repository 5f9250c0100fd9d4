package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.trait.RepeatsChildren;
import java.util.Collections;

/** Applies one layer several times with shared weights (Liao and Poggio 2016, arXiv:1604.03640). */
public final class TiedBlock extends Layer implements RepeatsChildren {
    private final Layer layer;
    private final int times;

    /**
     * Creates the block.
     *
     * @param name the layer's name
     * @param layer a layer whose output has the shape of its input
     * @param times the number of applications
     */
    public TiedBlock(String name, Layer layer, int times) {
        super(layer.inputShape());
        if (!layer.outputShape().equals(layer.inputShape())) {
            throw new IllegalArgumentException(
                    "a tied layer must keep its input's shape "
                            + layer.inputShape()
                            + ", got "
                            + layer.outputShape()
                            + "; use an untied repeat, or a layer that keeps the shape");
        }
        this.layer = child(name, layer);
        this.times = times;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return pass.sequence(Collections.nCopies(times, layer), x);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public int runs() {
        return times;
    }

    @Override
    public String describe() {
        return "Repeat(" + times + " times, tied)";
    }
}
