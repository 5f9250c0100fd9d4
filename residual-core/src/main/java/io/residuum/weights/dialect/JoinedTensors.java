package io.residuum.weights.dialect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Keeps the tensors that were read last, since several parameters in a row may be parts of one: the
 * maps of attention, or the experts of a mixture.
 */
final class JoinedTensors {
    private static final int KEPT = 2;

    private final Map<List<String>, float[]> last = new LinkedHashMap<>(4, 0.75f, true);

    /**
     * {@return the values of joined tensors; do not change them}
     *
     * @param ours the paths of the parameters that are their parts
     * @param read reads and joins the tensors
     */
    synchronized float[] of(List<String> ours, Supplier<float[]> read) {
        float[] found = last.get(ours);
        if (found == null) {
            found = read.get();
            last.put(ours, found);
            if (last.size() > KEPT) {
                last.remove(last.keySet().iterator().next());
            }
        }
        return found;
    }
}
