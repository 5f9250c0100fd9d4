package io.residuum.graph.trace;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.List;
import java.util.Map;
import java.util.Set;

class DecodeStepTest {

    /** The sum of a sequence so far and of its length, {@code (N, T, C) -> (N, 1, C)}. */
    private static final class Sum extends Layer {
        private final boolean placed;

        Sum(boolean placed) {
            super(new Shape(-1, 9, 2));
            this.placed = placed;
        }

        record Length(int first) implements Cache.PositionDependentArray {
            @Override
            public NDArray make(ForwardPass pass) {
                return pass.manager().create(new float[] {first});
            }

            @Override
            public Length at(Cache.Position position) {
                return new Length(position.first());
            }
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Cache cache = pass.cache();
            NDArray all =
                    cache == null ? x : cache.append(pass, this, new NDList(x)).arrays().head();
            NDArray sum = all.sum(new int[] {1}, true);
            return placed
                    ? sum.add(pass.shared(new Length(pass.firstPosition())))
                    : sum.add(pass.firstPosition());
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), 1, in.get(2));
        }
    }

    private static DecodeStep step(Layer layer, ArrayCache cache, NDManager manager) {
        NDArray begin = manager.ones(new Shape(2, 3, 2));
        ForwardPass pass =
                ForwardPass.of(new ParameterStore(manager, false), new NDList(begin), false)
                        .withCache(cache);
        layer.forward(pass, begin);
        cache.advance(3);
        var data = new Capture.Source(Capture.DATA, new Shape(-1, 1, 2), DataType.FLOAT32);
        return DecodeStep.of(layer, List.of(data), cache);
    }

    @EachEngine
    void aStepReadsTheCacheAndSaysWhatToAppend(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager();
                ArrayCache cache = new ArrayCache(manager)) {
            Layer layer = new Sum(true);
            DecodeStep step = step(layer, cache, manager);
            Graph graph = step.graph();
            assertAll(
                    () ->
                            assertEquals(
                                    Set.of(Capture.DATA, "past_0_0", "position_0_0"),
                                    graph.inputs().keySet()),
                    () ->
                            assertEquals(
                                    "(N, L, 2)", graph.inputs().get("past_0_0").shape().toString()),
                    () -> assertEquals(2, graph.outputs().size()),
                    () -> assertEquals("(N, 1, 2)", graph.outputs().get(1).shape().toString()),
                    () -> assertEquals(layer, step.states().get(0).layer()),
                    () -> assertTrue(step.states().get(0).grows()));
            ForwardPass pass =
                    ForwardPass.of(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.ones(new Shape(2, 1, 2))),
                                    false)
                            .withCache(cache);
            Map<String, NDArray> inputs =
                    step.positions().get(0).at(pass, new Cache.Position(2, 7, 128));
            assertEquals(7, inputs.get("position_0_0").toFloatArray()[0]);
        }
    }

    @EachEngine
    void whatDependsOnThePositionMustSaySo(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager();
                ArrayCache cache = new ArrayCache(manager)) {
            Layer layer = new Sum(false);
            String message =
                    assertThrows(CaptureException.class, () -> step(layer, cache, manager))
                            .getMessage();
            assertTrue(message.contains("Sum"), message);
            assertTrue(message.contains("Cache.PositionDependent"), message);
        }
    }
}
