package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/** Runs layers in sequence for a forward pass, see {@link ForwardPass#withRunner}. */
public interface SequenceRunner {

    /** Runs layers one after another. */
    SequenceRunner IN_ORDER =
            (pass, layers, inputs) -> {
                NDList values = inputs;
                for (Layer layer : layers) {
                    NDList next = pass.run(layer, values);
                    for (NDArray value : values) {
                        if (next.stream().noneMatch(other -> other == value)) {
                            pass.release(value);
                        }
                    }
                    values = next;
                }
                return values;
            };

    /**
     * Runs layers in sequence.
     *
     * @param layers the layers, each of which reads all outputs of the one before
     * @param inputs the inputs of the first
     * @return the outputs of the last
     */
    NDList run(ForwardPass pass, List<Layer> layers, NDList inputs);
}
