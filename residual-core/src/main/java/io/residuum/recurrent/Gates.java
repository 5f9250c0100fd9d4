package io.residuum.recurrent;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import java.util.Arrays;
import java.util.List;

/**
 * An affine map to several gates side by side, {@code (N, C) -> (N, gates units)}, with an initial
 * bias for each gate (Gers et al. 2000).
 *
 * @param units the width of a gate
 * @param biases the initial bias of each gate, in order
 * @param init the initial weights. Default: Glorot and Bengio 2010, uniform
 */
@TypeName("gates")
public record Gates(
        @Default("\"\"") String name,
        int units,
        List<Double> biases,
        @Default("\"xavierUniform\"") InitSpec init)
        implements LayerSpec {
    public Gates {
        biases = List.copyOf(biases);
        Check.positive("units", units);
        Check.that(!biases.isEmpty(), "biases must have one number for each gate, got none");
        biases.forEach(bias -> Check.finite("biases", bias));
    }

    @Override
    public Layer newBlock(Shape input) {
        Init perGate =
                (values, shape, random) -> {
                    for (int gate = 0; gate < biases.size(); gate++) {
                        float bias = biases.get(gate).floatValue();
                        Arrays.fill(values, gate * units, (gate + 1) * units, bias);
                    }
                };
        int width = Math.multiplyExact(units, biases.size());
        return new Linear(name, width, true, init).newBlock(input, perGate);
    }
}
