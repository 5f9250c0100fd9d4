package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;

/** Saves its input under a name and returns it. */
public final class SaveBlock extends Layer implements LinksWeights {
    private final String state;

    SaveBlock(Shape input, String state) {
        super(input);
        this.state = state;
    }

    /** {@return the name of the state} */
    public String state() {
        return state;
    }

    @Override
    public void link(String path, Layer network) {
        SavedNames.stream(path, network);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        pass.states().save(state, x);
        return x;
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public long activations(Shape in) {
        return 0;
    }

    @Override
    public String describe() {
        return "Save(" + state + ")";
    }
}
