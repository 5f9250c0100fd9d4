package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.SeveralHeads;
import java.util.List;
import java.util.Map;

/** Several heads on one input. The first gives the output. */
final class HeadsBlock extends Layer implements SeveralHeads {
    private final Layer first;
    private final List<Layer> others;

    HeadsBlock(Shape input, Map<String, Layer> heads) {
        super(input);
        heads.forEach(this::child);
        List<Layer> all = List.copyOf(heads.values());
        first = all.get(0);
        others = all.subList(1, all.size());
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        ForwardHook hook = pass.hook();
        if (hook != null && hook.needsUnusedOutputs()) {
            others.forEach(head -> head.forward(pass, x));
        }
        return first.forward(pass, x);
    }

    @Override
    public List<String> furtherHeads() {
        return children().keySet().stream().skip(1).toList();
    }

    @Override
    public Shape outputShape(Shape in) {
        return first.outputShape(in);
    }
}
