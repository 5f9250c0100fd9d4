package io.residuum.transformer.branch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;

class AttentionBiasTest {
    private static final int LENGTH = 3000;

    /** Slopes of two heads are more values than are made at once; those of the mask are not. */
    @EachEngine
    void longBiasesAreMadeInParts(EngineChoice engine) {
        AttentionBias.Settings settings =
                new AttentionBias.Settings(
                        true,
                        0,
                        1,
                        2,
                        1,
                        1,
                        0,
                        LENGTH,
                        KeyPositions.all(LENGTH),
                        Attention.MASK,
                        DataType.FLOAT32);
        double[] slopes = PositionSpec.Alibi.slopes(2);
        try (NDManager manager = Engines.backend(engine).newManager()) {
            NDList inputs = new NDList(manager.ones(new Shape(1)));
            ForwardPass pass = ForwardPass.of(new ParameterStore(manager, false), inputs, false);
            float[] bias = Values.floats(pass.shared(settings).bias());
            assertEquals(2 * LENGTH * LENGTH, bias.length);
            for (int i = 0; i < bias.length; i++) {
                int key = i % LENGTH;
                int query = i / LENGTH % LENGTH;
                float seen = (float) (-slopes[i / LENGTH / LENGTH] * Math.abs(query - key));
                boolean equal = key > query ? bias[i] < -1e8 : bias[i] == seen;
                if (!equal) {
                    assertEquals(seen, bias[i], "query %d, key %d".formatted(query, key));
                }
            }
        }
    }
}
