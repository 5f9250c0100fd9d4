package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Adds the input and saved states with learned weights, which may depend on the input at each
 * position. Keeps the shape.
 */
public final class AverageBlock extends Layer implements LinksWeights, CountsMacs {
    private static final double EPS = 1e-6;

    private final List<String> states;
    private final int hidden;
    private final Parameter weight;
    private final @Nullable Parameter inner;
    private final @Nullable Parameter outer;
    private final boolean startsAsInput;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param states the names of the states
     * @param init the initial weights of the input and the states; empty for 1 and zeros
     * @param hidden the hidden width of the map from the input to the weights; 0 for none
     */
    public AverageBlock(Shape input, List<String> states, List<Double> init, int hidden) {
        super(input);
        Shapes.requireFloats("average", input);
        this.states = states;
        this.hidden = hidden;
        double[] start = new double[states.size() + 1];
        Arrays.setAll(start, i -> init.isEmpty() ? (i == 0 ? 1 : 0) : init.get(i));
        this.startsAsInput = start[0] == 1 && Arrays.stream(start).skip(1).allMatch(w -> w == 0);
        this.weight = parameter("weight", Parameter.Type.OTHER, Init.values(start), start.length);
        boolean dynamic = hidden > 0;
        Init scaled = Init.fanNormal(Init.Fan.IN, 1);
        this.inner =
                dynamic
                        ? parameter(
                                "inner",
                                Parameter.Type.WEIGHT,
                                scaled,
                                hidden,
                                Shapes.channels(input))
                        : null;
        this.outer =
                dynamic
                        ? parameter("outer", Parameter.Type.OTHER, Init.ZEROS, start.length, hidden)
                        : null;
    }

    @Override
    public void link(String path, Layer network) {
        SavedNames.require(path, this, network, states);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDList weights = weights(pass, x);
        NDArray sum = x.mul(weights.get(0));
        for (int i = 0; i < states.size(); i++) {
            NDArray state = pass.states().get(pass, states.get(i));
            sum = pass.ops().add(sum, state.mul(weights.get(i + 1)));
        }
        return sum;
    }

    private NDList weights(ForwardPass pass, NDArray x) {
        NDArray fixed = pass.value(weight);
        if (inner == null || outer == null) {
            NDList factors = new NDList();
            for (int i = 0; i <= states.size(); i++) {
                factors.add(factor(fixed, i, x));
            }
            return factors;
        }
        NDArray rows = new Streams(inputShape(), 1).rows(x, true).reshape(-1, channels());
        NDArray u = Dynamic.linear(Dynamic.rms(pass, rows, EPS), pass.value(inner));
        NDArray v = Dynamic.linear(u.getNDArrayInternal().gelu(), pass.value(outer)).add(fixed);
        Streams one = new Streams(Shapes.withChannels(inputShape(), 1), 1);
        NDArray table = one.joined(v.reshape(-1, states.size() + 1L, 1), x, true);
        long[] cuts = LongStream.rangeClosed(1, states.size()).toArray();
        return table.split(cuts, Shapes.channelAxis(inputShape()));
    }

    private long channels() {
        return Shapes.channels(inputShape());
    }

    /** Returns one weight in x's manager. The parameter's manager would never close it. */
    private static NDArray factor(NDArray weights, int i, NDArray x) {
        NDArray factor = weights.get("{}:{}", i, i + 1);
        factor.attach(x.getManager());
        return factor;
    }

    /** {@return true if the initial weights are 1 for the input and 0 for the states} */
    public boolean startsAsInput() {
        return startsAsInput;
    }

    @Override
    public long macs(Shape in) {
        long each = hidden * (channels() + states.size() + 1);
        return Shapes.product(Shapes.size(in) / channels(), each);
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(2 * states.size() + 1L, Shapes.size(in));
    }

    @Override
    public String describe() {
        String kind = hidden == 0 ? "" : ", dynamic";
        return "Average(" + String.join(", ", states) + kind + ")";
    }
}
