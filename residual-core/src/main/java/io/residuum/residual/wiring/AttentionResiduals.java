package io.residuum.residual.wiring;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.Attend;
import io.residuum.residual.stream.Save;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention residuals (Kimi Team 2026, arXiv:2603.15031): each unit reads an attention over the
 * outputs of all earlier units, instead of their sum. With groups of several units (the paper's
 * Block AttnRes), units of a group are summed, and attention is over the sums of earlier groups and
 * of the unit's own. The last layer is another attention. The network does not start as the plain
 * one: units read the mean.
 *
 * @param group the number of units in a group. Default: 1
 */
@TypeName("attentionResiduals")
public record AttentionResiduals(@Default("1") int group) implements Wiring {
    public AttentionResiduals {
        Check.positive("group", group);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        List<LayerSpec> layers = new ArrayList<>(blocks.subList(0, firstChanges ? 1 : 0));
        Groups groups = new Groups(group);
        List<LayerSpec> others = blocks.subList(layers.size(), blocks.size());
        layers.add(groups.save());
        layers.addAll(Units.map(others, groups::wire));
        if (!groups.earlier().isEmpty()) {
            layers.add(new Attend("attend", new Names(groups.earlier()), 1e-6));
        }
        return Stream.of(name, layers);
    }

    /** The groups so far. The last may be incomplete. */
    private static final class Groups {
        private final int size;
        private final List<String> saved = new ArrayList<>();
        private int units;

        Groups(int size) {
            this.size = size;
        }

        Save save() {
            String state = "group" + saved.size();
            saved.add(state);
            return new Save("save" + (saved.size() - 1), state);
        }

        /** Returns the saved states other than the current one, which a layer's input is. */
        List<String> earlier() {
            return List.copyOf(units == 0 ? saved.subList(0, saved.size() - 1) : saved);
        }

        List<LayerSpec> wire(Residual unit) {
            Check.that(
                    Units.keepsShape(unit) && unit.merge().equals(MergeSpec.ADD),
                    "stream must not be attentionResiduals for units other than sums with an"
                            + " identity shortcut, got the unit \"%s\" with merge %s and shortcut"
                            + " %s",
                    unit.name(),
                    unit.merge(),
                    unit.shortcut());
            Residual wired = units == 0 ? unit.withShortcut(new ShortcutSpec.None()) : unit;
            if (!earlier().isEmpty()) {
                wired = wired.withRead(new Attend("", new Names(earlier()), 1e-6));
            }
            units = (units + 1) % size;
            return units == 0 ? List.of(wired, save()) : List.of(wired);
        }
    }
}
