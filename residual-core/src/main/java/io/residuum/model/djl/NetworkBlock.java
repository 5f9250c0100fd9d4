package io.residuum.model.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.residuum.model.Network;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Predicts by the compiled programs of a network, from several threads at once. */
final class NetworkBlock extends AbstractSymbolBlock {
    private final Network network;

    NetworkBlock(Network network) {
        this.network = network;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameters,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        if (training) {
            throw new UnsupportedOperationException(
                    "a model loaded by Criteria predicts only: train it with Trainer, or by its"
                            + " Network.block()");
        }
        Map<String, NDArray> outputs = network.predictAll(inputs);
        if (outputs.size() > 1) {
            outputs.forEach((name, y) -> y.setName(name));
        }
        return new NDList(outputs.values());
    }

    /** Returns none: the network owns its parameters. */
    @Override
    public ParameterList getDirectParameters() {
        return new ParameterList();
    }

    @Override
    public boolean isInitialized() {
        return true;
    }

    @Override
    public PairList<String, Shape> describeInput() {
        PairList<String, Shape> inputs = new PairList<>();
        network.spec()
                .input()
                .all()
                .forEach(input -> inputs.add(input.name(), input.input().batchShape()));
        return inputs;
    }

    @Override
    public PairList<String, Shape> describeOutput() {
        return new PairList<>(network.outputShapes());
    }
}
