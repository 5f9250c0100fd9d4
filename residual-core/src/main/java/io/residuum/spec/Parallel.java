package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.ParallelBlock;
import io.residuum.nn.composite.ParallelBlock.Merge;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Layers side by side on one input, whose outputs are added, concatenated or mixed at random. An
 * unnamed layer is named by its index.
 *
 * @param merge {@code add} for outputs of equal shape, or {@code concat} for their channels one
 *     after the other, as in Inception (Szegedy et al. 2015); {@code shake} for {@code a y1 + (1 -
 *     a) y2} with a random a per sample, another one in the backward pass, and the mean in
 *     evaluation (shake-shake, Gastaldi 2017, arXiv:1705.07485). Default: add
 * @param layers one or more layers
 */
@TypeName("parallel")
public record Parallel(
        @Default("\"\"") String name, @Default("\"add\"") Merge merge, List<LayerSpec> layers)
        implements LayerSpec {
    public Parallel {
        layers = List.copyOf(layers);
        Check.that(!layers.isEmpty(), "layers must not be empty");
        Check.that(
                merge != Merge.SHAKE || layers.size() == 2,
                "layers must be two with merge shake, got %s",
                layers.size());
        Build.requireDistinctNames(layers);
    }

    /**
     * Creates layers whose outputs are added.
     *
     * @param name its name; may be empty
     * @param layers one or more layers
     */
    public Parallel(String name, List<LayerSpec> layers) {
        this(name, Merge.ADD, layers);
    }

    /**
     * {@return layers whose outputs are concatenated}
     *
     * @param name its name; may be empty
     * @param layers one or more layers
     */
    public static Parallel concat(String name, LayerSpec... layers) {
        return new Parallel(name, Merge.CONCAT, List.of(layers));
    }

    @Override
    public long layerCount() {
        return Build.layerCount(layers);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new Parallel(name, merge, layers.stream().map(change).toList());
    }

    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> blocks = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            String child = Build.nameOf(layers.get(i), i);
            blocks.put(child, Build.child(child, layers.get(i), input));
        }
        return new ParallelBlock(input, blocks, merge);
    }
}
