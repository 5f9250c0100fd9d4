package io.residuum.examples.cli;

import io.residuum.data.DataSplits;
import io.residuum.spec.ModelSpec;
import io.residuum.train.ImageInputs;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network is changed to for a data set: as many outputs as there are classes, and the data's
 * normalization if the spec has none. Images are brought to the network's shape, not the other way
 * round.
 *
 * @param spec the network to train, its head as it was
 * @param classes how many outputs it gets
 * @param changes a line each, for people
 */
record Adaptation(ModelSpec spec, int classes, List<String> changes) {

    static Adaptation of(ModelSpec spec, DataSplits data) {
        List<String> changes = new ArrayList<>();
        int classes = data.train().classNames().size();
        long outputs = spec.newBlock().outputShape().get(1);
        if (outputs != classes) {
            changes.add(
                    "the head: a new one for %d classes in place of %d"
                            .formatted(classes, outputs));
        }
        ModelSpec normalized = spec;
        if (ImageInputs.normalization(spec).isEmpty()) {
            normalized = ImageInputs.normalizedBy(spec, data.measuredNormalization());
            changes.add("the input: normalized by mean and deviation of the training images");
        }
        return new Adaptation(normalized, classes, changes);
    }

    boolean newHead() {
        return spec.newBlock().outputShape().get(1) != classes;
    }
}
