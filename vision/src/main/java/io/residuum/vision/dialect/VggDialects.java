package io.residuum.vision.dialect;

import io.residuum.vision.vgg.Vgg;
import io.residuum.weights.dialect.AxisSize;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Rule;
import io.residuum.weights.dialect.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Builds the dialects of VGG networks. torchvision and timm number all layers before the head in
 * one sequence, activations and pooling included, so each depth has a table for itself.
 */
final class VggDialects {
    private static final AxisSize POOLED = AxisSize.of(7);

    private VggDialects() {}

    /**
     * {@return the tables, in an order in which the first with names for all parameters of a
     * network is that of its depth: a table has names for lower depths and for no norms as well}
     */
    static List<Dialect> all() {
        List<Dialect> all = new ArrayList<>();
        for (boolean norms : new boolean[] {false, true}) {
            for (int depth : Vgg.depths()) {
                all.add(dialect("torchvision", depth, norms, torchvisionHead()));
                all.add(dialect("timm", depth, norms, timmHead()));
            }
        }
        return all;
    }

    private static Dialect dialect(String library, int depth, boolean norms, List<Rule> head) {
        String network = "vgg" + depth + (norms ? "_bn" : "");
        List<Rule> rules = new ArrayList<>(features(Vgg.unitsOf(depth), norms));
        rules.addAll(head);
        return Dialect.of(
                library,
                network,
                network + " of " + library,
                rules,
                List.of("*.num_batches_tracked"));
    }

    private static List<Rule> features(List<Integer> units, boolean norms) {
        List<Rule> rules = new ArrayList<>();
        int index = 0;
        for (int s = 1; s <= units.size(); s++) {
            for (int c = 1; c <= units.get(s - 1); c++) {
                rules.add(rule("stage" + s + ".conv" + c + ".*", "features." + index++ + ".*"));
                if (norms) {
                    rules.add(rule("stage" + s + ".norm" + c + ".*", "features." + index++ + ".*"));
                }
                index++; // the activation
            }
            index++; // the pooling
        }
        return rules;
    }

    private static List<Rule> torchvisionHead() {
        return List.of(
                rule("head.fc1.*", "classifier.0.*"),
                rule("head.fc2.*", "classifier.3.*"),
                rule("head.fc.*", "classifier.6.*"));
    }

    /** timm's first two linear layers are convolutions. */
    private static List<Rule> timmHead() {
        return List.of(
                flattened(1, "o i h w -> o (i h w)", Map.of("h", POOLED, "w", POOLED)),
                rule("head.fc1.bias", "pre_logits.fc1.bias"),
                flattened(2, "o i 1 1 -> o i", Map.of()),
                rule("head.fc2.bias", "pre_logits.fc2.bias"),
                rule("head.fc.*", "head.fc.*"));
    }

    private static Rule flattened(int layer, String rearrange, Map<String, AxisSize> axes) {
        return Rule.rearranging(
                TensorNames.of("head.fc" + layer + ".weight"),
                TensorNames.of("pre_logits.fc" + layer + ".weight"),
                rearrange,
                axes);
    }

    private static Rule rule(String ours, String theirs) {
        return Rule.renaming(TensorNames.of(ours), TensorNames.of(theirs));
    }
}
