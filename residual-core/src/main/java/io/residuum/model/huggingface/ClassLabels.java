package io.residuum.model.huggingface;

import io.residuum.model.ClassActivation;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import java.util.List;

/**
 * The classes of a classifier.
 *
 * @param count their number; 0 for no classifier
 * @param names their names; empty if the file has none
 * @param activation the function from outputs to scores
 */
public record ClassLabels(int count, List<String> names, ClassActivation activation) {
    /** No classifier. */
    public static final ClassLabels NONE = new ClassLabels(0, List.of(), ClassActivation.SOFTMAX);

    public ClassLabels {
        names = List.copyOf(names);
    }

    /**
     * {@return a network with these classes}
     *
     * @param spec the network
     */
    public ModelDescription describe(ModelSpec spec) {
        ModelMetadata metadata = ModelMetadata.EMPTY.withClassNames(names);
        return new ModelDescription(spec, activation.on(metadata));
    }
}
