package io.residuum.inspect;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.loss.Target;
import java.util.Map;

/**
 * The arrays of some samples.
 *
 * @param manager the owner of the arrays, and of what is computed from them; closed after the batch
 * @param inputs the network's input, then side inputs by name
 * @param targets the targets by the name of their output
 */
public record Batch(NDManager manager, NDList inputs, Map<String, Target> targets) {

    /** {@return the number of samples: images, sequences} */
    public long size() {
        return inputs.head().getShape().get(0);
    }
}
