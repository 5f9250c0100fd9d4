package io.residuum.transformer.branch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.testing.Engines;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoutingTest {
    static Stream<EngineChoice> engines() {
        return Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH);
    }

    /** Equal logits, neighbours of a float, and large ones. */
    @ParameterizedTest
    @MethodSource("engines")
    void masksAreOneForTheChosen(EngineChoice engine) {
        float next = Math.nextUp(1f);
        float[] logits = {0, 0, 0, 0, 1, next, 1, -1, -90, 80, 79, 80, -3, -2, -1, -2};
        int[][] expected = {{0, 1}, {1, 0}, {1, 3}, {2, 1}};
        assertArrayEquals(expected, Routing.largest(logits, 4, 2));
        try (NDManager manager = Engines.backend(engine).newManager()) {
            NDArray array = manager.create(logits, new Shape(4, 4));
            ForwardPass pass =
                    ForwardPass.of(new ParameterStore(manager, false), new NDList(array), false);
            float[] ones = new float[16];
            for (int row = 0; row < 4; row++) {
                for (int chosen : expected[row]) {
                    ones[4 * row + chosen] = 1;
                }
            }
            assertArrayEquals(ones, Values.floats(Routing.mask(pass, array, 2)));
        }
    }
}
