package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import java.util.List;

/** Adds the input and saved states with learned weights. Keeps the shape. */
public final class AverageBlock extends Layer implements LinksWeights {
    private final List<String> states;
    private final Parameter weight;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param states the names of the states
     * @param init the initial weights of the input and the states; empty for 1 and zeros
     */
    public AverageBlock(Shape input, List<String> states, List<Double> init) {
        super(input);
        this.states = states;
        double[] start = new double[states.size() + 1];
        Arrays.setAll(start, i -> init.isEmpty() ? (i == 0 ? 1 : 0) : init.get(i));
        this.weight = parameter("weight", Parameter.Type.OTHER, Init.values(start), start.length);
    }

    @Override
    public void link(String path, Layer network) {
        SavedNames.require(path, network, states, inputShape());
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray weights = pass.value(weight);
        NDArray sum = x.mul(factor(weights, 0, x));
        for (int i = 0; i < states.size(); i++) {
            NDArray state = pass.states().get(pass, states.get(i));
            sum = pass.ops().add(sum, state.mul(factor(weights, i + 1, x)));
        }
        return sum;
    }

    /** Returns one weight in x's manager. The parameter's manager would never close it. */
    private static NDArray factor(NDArray weights, int i, NDArray x) {
        NDArray factor = weights.get("{}:{}", i, i + 1);
        factor.attach(x.getManager());
        return factor;
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(2 * states.size() + 1L, Shapes.size(in));
    }

    @Override
    public String describe() {
        return "Average(" + String.join(", ", states) + ")";
    }
}
