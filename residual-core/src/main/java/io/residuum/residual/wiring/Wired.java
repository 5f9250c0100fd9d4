package io.residuum.residual.wiring;

import io.residuum.residual.Residual;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;

/**
 * Residual units with connections between them. All keep the shape.
 *
 * @param name its name. Default: empty
 * @param stream the connections
 * @param layers the blocks in order, each a residual unit or a sequential of them
 */
@TypeName("units")
@Doc("Residual units with connections between them, such as hyper-connections or DenseFormer.")
public record Wired(@Default("\"\"") String name, Wiring stream, List<LayerSpec> layers)
        implements Family {
    public Wired {
        layers = List.copyOf(layers);
        Build.requireDistinctNames(layers);
        for (int i = 0; i < layers.size(); i++) {
            LayerSpec layer = layers.get(i);
            Check.that(
                    layer instanceof Residual || layer instanceof Sequential,
                    "layers[%s] must be a residual unit or an array of them, got %s",
                    i,
                    layer.getClass().getSimpleName());
        }
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> blocks = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            String at = Build.nameOf(layers.get(i), i);
            LayerSpec block = layers.get(i).atDepth(i, layers.size());
            blocks.add(
                    block instanceof Residual unit
                            ? unit.withName(at)
                            : new Sequential(at, ((Sequential) block).layers()));
        }
        return stream.wire(name, blocks, false);
    }
}
