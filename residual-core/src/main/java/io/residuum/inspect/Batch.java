package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
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

    /**
     * {@return a batch of copies of one sample, without targets} Side inputs that all samples share
     * stay.
     *
     * @param sample the number of the sample
     * @param copies the number of copies
     * @param owner the owner of the copies
     */
    public Batch repeated(int sample, long copies, NDManager owner) {
        NDList repeated = new NDList();
        for (NDArray input : inputs) {
            boolean shared = input.getShape().get(0) != size();
            NDArray one = shared ? input.duplicate() : input.get(sample + ":" + (sample + 1));
            one.attach(owner);
            NDArray copied = shared ? one : one.repeat(0, copies);
            if (input.getName() != null) {
                copied.setName(input.getName());
            }
            repeated.add(copied);
        }
        return new Batch(owner, repeated, Map.of());
    }
}
