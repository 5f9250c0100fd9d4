package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.nn.TiedBlock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A layer several times over: copies with weights of their own, named {@code 0}, {@code 1}, ..., or
 * one set of weights applied again and again (Liao and Poggio 2016, arXiv:1604.03640), named {@code
 * 0}.
 *
 * @param name its name. Default: empty
 * @param times how often, 1 or more
 * @param layer what is repeated
 * @param tied whether all share one set of weights. Default: false
 */
@TypeName("repeat")
@Doc("A layer several times over, each with weights of its own unless tied.")
public record Repeat(
        @Default("\"\"") String name, int times, LayerSpec layer, @Default("false") boolean tied)
        implements LayerSpec {
    public Repeat {
        Check.positive("times", times);
    }

    @Override
    public LayerSpec expanded() {
        return new Repeat(name, times, layer.expanded(), tied);
    }

    @Override
    public Layer newBlock(Shape input) {
        if (tied) {
            return new TiedBlock("0", Build.child("0", layer, input), times);
        }
        Map<String, Layer> blocks = new LinkedHashMap<>();
        Shape shape = input;
        for (int i = 0; i < times; i++) {
            Layer block = Build.child(Integer.toString(i), layer, shape);
            blocks.put(Integer.toString(i), block);
            shape = block.outputShape();
        }
        return new Chain(input, blocks);
    }
}
