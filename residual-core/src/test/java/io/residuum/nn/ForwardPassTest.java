package io.residuum.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who owns the arrays of a forward pass, and when they close. */
class ForwardPassTest {
    private static final Shape SHAPE = new Shape(-1, 3);

    /** An offset that several layers share. */
    private record Offset() implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            return pass.manager().ones(new Shape(3));
        }
    }

    /** Computes {@code 2 x + 1} plus a side input and keeps hold of every array. */
    private static final class Holding extends Layer {
        private final List<NDArray> intermediates = new ArrayList<>();
        private final List<NDArray> shared = new ArrayList<>();

        Holding() {
            super(SHAPE);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray twice = x.add(x);
            NDArray offset = pass.shared(new Offset());
            NDArray sum = twice.add(offset);
            intermediates.addAll(List.of(twice, sum));
            shared.add(offset);
            return sum.add(pass.sideInputs().head());
        }
    }

    private static Layer chain(Layer... layers) {
        Map<String, Layer> named = new LinkedHashMap<>();
        for (Layer layer : layers) {
            named.put(Integer.toString(named.size()), layer);
        }
        return new Chain(SHAPE, named);
    }

    private static boolean isOpen(NDArray array) {
        try {
            return array.toFloatArray().length > 0;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @EachEngine
    void layersCloseTheirArraysAndNoOthers(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager()) {
            Holding first = new Holding();
            Holding second = new Holding();
            NDArray x = manager.ones(new Shape(2, 3));
            NDArray side = manager.ones(new Shape(2, 3));
            ParameterStore store = new ParameterStore(manager, false);
            ForwardPass pass = ForwardPass.of(store, new NDList(x, side), false);
            NDArray y = chain(first, second).forward(pass, x);

            assertEquals(10, y.toFloatArray()[0]);
            assertSame(manager, y.getManager());
            assertEquals(1, x.toFloatArray()[0]);
            assertEquals(1, side.toFloatArray()[0]);
            assertSame(first.shared.get(0), second.shared.get(0));
            assertEquals(1, first.shared.get(0).toFloatArray()[0]);
            // MXNet would wait for each array that closes.
            boolean stays = backend.ops().closingWaits();
            first.intermediates.forEach(array -> assertEquals(stays, isOpen(array)));
            if (!stays) {
                assertEquals(4, manager.getManagedArrays().size(), "x, side, shared, y");
            }
        }
    }

    @EachEngine
    void aHookSeesArraysThatStay(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager()) {
            Holding layer = new Holding();
            NDArray x = manager.ones(new Shape(2, 3));
            NDList inputs = new NDList(x, manager.ones(new Shape(2, 3)));
            ParameterStore store = new ParameterStore(manager, false);
            List<NDArray> seen = new ArrayList<>();
            ForwardPass pass =
                    ForwardPass.of(store, inputs, false)
                            .withHook((l, outputs) -> seen.addAll(outputs));
            NDArray y = chain(layer).forward(pass, x);
            assertEquals(List.of(y, y), seen);
            layer.intermediates.forEach(array -> assertEquals(3, array.getShape().get(1)));
        }
    }

    @EachEngine
    void anIdentityReturnsItsInput(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager()) {
            NDArray x = manager.ones(new Shape(2, 3));
            ParameterStore store = new ParameterStore(manager, false);
            ForwardPass pass = ForwardPass.of(store, new NDList(x), false);
            assertSame(x, new IdentityBlock(SHAPE).forward(pass, x));
            assertSame(x, chain(new IdentityBlock(SHAPE)).forward(pass, x));
            assertFalse(x.isReleased());
        }
    }
}
