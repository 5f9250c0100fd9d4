package io.residuum.residual.wiring;

import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;
import java.util.List;

/**
 * Learned augmented residual layers (Menghani et al. 2024, arXiv:2411.07501, Section 2): identity
 * shortcuts become learned. They start as identities. Other shortcuts stay.
 *
 * @param rank the rank of a map that is added to the shortcut (LAuReL-LR); 0 for learned factors of
 *     shortcut and branch (LAuReL-RW). Default: 0
 * @param norm the norm after the low-rank map, as in Gemma 3n. Default: none
 */
@TypeName("laurel")
public record Laurel(@Default("0") int rank, @Default("\"none\"") NormSpec norm) implements Wiring {
    public Laurel {
        Check.notNegative("rank", rank);
        Check.that(
                rank > 0 || norm.equals(NormSpec.NONE),
                "norm must be none without a rank, got %s",
                norm);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        return new Sequential(name, Units.map(blocks, unit -> List.of(wired(unit))));
    }

    private Residual wired(Residual unit) {
        if (!Units.keepsShape(unit)) {
            return unit;
        }
        if (rank > 0) {
            return unit.withShortcut(new ShortcutSpec.LowRank(rank, norm));
        }
        Residual weighted = unit.withShortcut(new ShortcutSpec.Learned(1, false));
        return unit.scale().equals(ScaleSpec.NONE)
                ? weighted.withScale(new ScaleSpec.Learned(1, false))
                : weighted;
    }
}
