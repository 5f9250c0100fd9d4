package io.residuum.nn;

import io.residuum.nn.trait.SeveralHeads;
import java.util.ArrayList;
import java.util.List;

/** Refuses networks whose outputs a use would drop. */
public final class OneOutput {
    private OneOutput() {}

    /**
     * {@return the paths of the heads that give no output, because only a forward hook can read
     * them; empty for a network of one head}
     */
    public static List<String> unreadHeads(Layer network) {
        List<String> unread = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof SeveralHeads several) {
                        String prefix = path.isEmpty() ? "" : path + ".";
                        several.furtherHeads().forEach(head -> unread.add(prefix + head));
                    }
                });
        return unread;
    }

    /**
     * Requires that a network has no head which only a forward hook can read.
     *
     * @param use what would drop the output of the other heads
     * @throws IllegalArgumentException if it has one
     */
    public static void requireNoUnreadHead(Layer network, String use) {
        List<String> unread = unreadHeads(network);
        if (!unread.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s needs a network of one head, got several and would drop %s: keep one head in the spec, or read all with Network.features"
                            .formatted(use, String.join(", ", unread)));
        }
    }

    /**
     * Requires that a network has one output and no further head.
     *
     * @param use what reads one output
     * @throws IllegalArgumentException if it has several
     */
    public static void require(Layer network, String use) {
        requireNoUnreadHead(network, use);
        List<String> outputs = network.outputNames();
        if (outputs.size() > 1) {
            throw new IllegalArgumentException(
                    "%s needs a network of one output, got several (%s): keep one in the spec, or read all with Network.predictAll"
                            .formatted(use, String.join(", ", outputs)));
        }
    }
}
