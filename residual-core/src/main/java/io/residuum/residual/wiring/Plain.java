package io.residuum.residual.wiring;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import java.util.List;

/** Units in sequence, each a sum (He et al. 2015, arXiv:1512.03385). */
@TypeName("plain")
public record Plain() implements Wiring {
    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        return new Sequential(name, blocks);
    }
}
