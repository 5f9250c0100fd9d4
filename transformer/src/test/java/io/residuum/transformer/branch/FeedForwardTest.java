package io.residuum.transformer.branch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FeedForwardTest {
    private static final InitSpec INIT = new InitSpec.XavierNormal();

    static Stream<Arguments> onEachEngine() {
        List<FeedForward> cases = new ArrayList<>();
        for (ActivationSpec activation :
                List.of(
                        ActivationSpec.RELU,
                        new ActivationSpec.Gelu(),
                        new ActivationSpec.GeluTanh(),
                        new ActivationSpec.Silu())) {
            cases.add(FeedForward.plain(1.5, activation, 0, INIT));
            cases.add(FeedForward.gated(7, activation, INIT));
        }
        FeedForward gated = FeedForward.gated(7, new ActivationSpec.Silu(), INIT);
        cases.add(gated.with().limit(0.1).upShift(1).build());
        return Engines.with(cases);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void agreesWithItsEquations(EngineChoice engine, FeedForward spec) {
        Backend backend = Engines.backend(engine);
        int width = 6;
        try (Network network = Nets.shaken(Nets.spec(spec, 3, width), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            double[] values = Tensors.draw(1, 2 * 3 * width);
            NDArray x = Tensors.create(manager, values, new Shape(2, 3, width), DataType.FLOAT64);
            double[] y = Tensors.values(network.predict(new NDList(x)));
            Map<String, double[]> weights = Nets.values(network.parameters());
            for (int at = 0; at < y.length; at += width) {
                double[] row = Arrays.copyOfRange(values, at, at + width);
                // MXNet computes the exact GELU in single precision.
                assertClose(
                        ReferenceFeedForward.of(spec, weights, row),
                        Arrays.copyOfRange(y, at, at + width),
                        2e-6,
                        "row at " + at);
            }
        }
    }

    @Test
    void refusesARouterThatCannotChoose() {
        FeedForward.Router groups = FeedForward.Router.SOFTMAX.withGroups(3);
        FeedForward.Experts four = FeedForward.Experts.NONE.withCount(4);
        requireRefusal(() -> FeedForward.Experts.NONE.withRouter(groups), "without experts");
        requireRefusal(() -> four.withRouter(groups), "must divide the count of experts, 4, got 3");
        FeedForward.Experts six = four.with().count(6).perToken(3).build();
        requireRefusal(
                () -> six.withRouter(groups), "hold perToken = 3 experts, got 1 groups of 2");
    }

    private static void requireRefusal(Executable action, String message) {
        String found = String.valueOf(assertThrows(SpecException.class, action).getMessage());
        assertTrue(found.contains(message), found);
    }
}
