package io.residuum.weights.dialect;

import com.google.common.collect.Iterables;
import io.residuum.json.EditDistance;
import java.util.Collection;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Suggests a name for one that is not found. */
final class NearestName {
    /** Names are near if at most one in this many characters differs. */
    private static final int NEAR = 3;

    /** The number of names that are compared: a file with more misfits is another model. */
    private static final int COMPARED = 1000;

    private NearestName() {}

    /** {@return the nearest of some names, compared without their prefix; empty if none is near} */
    static Optional<String> of(
            String name, Collection<String> names, UnaryOperator<String> withoutPrefix) {
        String bare = withoutPrefix.apply(name);
        String nearest = null;
        int least = Math.max(2, bare.length() / NEAR) + 1;
        for (String other : Iterables.limit(names, COMPARED)) {
            String candidate = withoutPrefix.apply(other);
            // Names in a file may have any length, and most need no comparison.
            if (Math.abs(candidate.length() - bare.length()) < least) {
                int distance = EditDistance.between(bare, candidate);
                if (distance < least) {
                    least = distance;
                    nearest = other;
                }
            }
        }
        return Optional.ofNullable(nearest);
    }
}
