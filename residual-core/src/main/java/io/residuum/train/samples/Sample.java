package io.residuum.train.samples;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One sample: arrays for the inputs of a network, side inputs such as masks included, and targets
 * for its outputs.
 *
 * @param inputs arrays by the name of the input; the only input of a network is {@code input}
 * @param targets arrays by the name of the output; the only output of a network is {@code output}.
 *     Empty for samples to predict
 */
public record Sample(Map<String, Tensor> inputs, Map<String, Tensor> targets) {
    public Sample {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
    }

    /** {@return a sample for a network of one input and one output} */
    public static Sample of(Tensor input, Tensor target) {
        return new Sample(Map.of("input", input), Map.of("output", target));
    }
}
