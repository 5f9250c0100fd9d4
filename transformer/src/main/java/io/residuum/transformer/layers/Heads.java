package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.SeveralHeads;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Several heads on one input. The output is that of the first head. The others are computed only if
 * forward hooks under their names need them, for instance for a loss over all heads. {@code
 * Network.features} and the command {@code predict --input} return all heads. What would use the
 * first one only refuses the network: training, evaluation, compilation, export.
 *
 * @param heads one or more layers with names
 */
@TypeName("heads")
public record Heads(@Default("\"\"") String name, List<LayerSpec> heads) implements LayerSpec {
    public Heads {
        heads = List.copyOf(heads);
        Check.that(!heads.isEmpty(), "heads must not be empty");
        Set<String> names = new HashSet<>();
        for (LayerSpec head : heads) {
            Check.that(
                    !head.name().isBlank() && names.add(head.name()),
                    "heads must have different names, got \"%s\"",
                    head.name());
        }
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new Heads(name, heads.stream().map(change).toList());
    }

    @Override
    public LayerSpec withClasses(int classes) {
        Check.that(
                heads.size() == 1,
                "heads must be one to have other classes, got %s: keep one head, or edit the spec",
                heads.stream().map(LayerSpec::name).toList());
        return new Heads(name, List.of(heads.get(0).withClasses(classes)));
    }

    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> blocks = new LinkedHashMap<>();
        for (LayerSpec head : heads) {
            blocks.put(head.name(), Build.child(head.name(), head, input));
        }
        return new HeadsBlock(input, blocks);
    }

    /** Several heads on one input. The first gives the output. */
    private static final class HeadsBlock extends Layer implements SeveralHeads {
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
}
