package io.residuum.transformer.predict;

import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.nlp.translator.TextClassificationServingTranslator;
import ai.djl.translate.Translator;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.model.djl.TaskTranslator;
import io.residuum.spec.InputSpec;
import io.residuum.transformer.text.Tokenizer;
import java.util.Optional;

/** Creates translators of texts to classes for models that DJL loads. */
public final class TextClassTranslator implements TaskTranslator<String, Classifications> {

    @Override
    public Class<String> input() {
        return String.class;
    }

    @Override
    public Class<Classifications> output() {
        return Classifications.class;
    }

    @Override
    public Optional<Translator<String, Classifications>> open(
            ModelSource source, Network network, OwnedResources owned) {
        boolean classifies =
                network.spec().input() instanceof InputSpec.Tokens
                        && TextClassifier.isClassifier(network.spec());
        if (!classifies) {
            return Optional.empty();
        }
        Tokenizer tokenizer = StoredTokenizer.open(source, owned);
        return Optional.of(TextClassifier.of(network, tokenizer).translator());
    }

    @Override
    public Translator<Input, Output> serving(Translator<String, Classifications> translator) {
        return new TextClassificationServingTranslator(translator);
    }
}
