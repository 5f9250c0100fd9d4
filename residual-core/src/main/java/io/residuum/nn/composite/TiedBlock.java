package io.residuum.nn.composite;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.InSequence;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.RepeatsChildren;
import java.util.Collections;
import java.util.List;

/** Applies one layer several times with shared weights (Liao and Poggio 2016, arXiv:1604.03640). */
public final class TiedBlock extends MultiLayer implements RepeatsChildren, InSequence {
    private final Layer layer;
    private final int times;

    /**
     * Creates the block.
     *
     * @param name the layer's name
     * @param layer a layer whose outputs have the shapes of its inputs
     * @param times the number of applications
     */
    public TiedBlock(String name, Layer layer, int times) {
        super(layer.inputShapes());
        if (!Shapes.same(layer.outputShapes(), layer.inputShapes())) {
            throw new IllegalArgumentException(
                    "a tied layer must keep its input's shape %s, got %s; use an untied repeat, or a layer that keeps the shape"
                            .formatted(
                                    Shapes.text(layer.inputShapes()),
                                    Shapes.text(layer.outputShapes())));
        }
        this.layer = child(name, layer);
        this.times = times;
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        return pass.sequence(sequence(), in);
    }

    @Override
    public List<Layer> sequence() {
        return Collections.nCopies(times, layer);
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        return in;
    }

    @Override
    public List<String> outputNames() {
        return layer.outputNames();
    }

    @Override
    public int runs(String child) {
        return times;
    }

    @Override
    public String describe() {
        return "Repeat(" + times + " times, tied)";
    }
}
