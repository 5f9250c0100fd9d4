package io.residuum.model.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.Translator;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import java.util.Optional;

/**
 * Creates the translators of one task, such as the classification of images, for DJL's {@code
 * Predictor}. Found by {@link java.util.ServiceLoader}.
 *
 * @param <I> a sample
 * @param <O> its result
 */
public interface TaskTranslator<I, O> {

    /** {@return the class of a sample} */
    Class<I> input();

    /** {@return the class of a result} */
    Class<O> output();

    /**
     * {@return a translator for a network; empty if it has another task}
     *
     * @param source the model that the network was opened from
     * @param owned closes what the translator opens, with the model
     */
    Optional<Translator<I, O>> open(ModelSource source, Network network, OwnedResources owned);

    /**
     * {@return a translator of the requests that DJL Serving receives}
     *
     * @param translator a translator of this task
     */
    Translator<Input, Output> serving(Translator<I, O> translator);
}
