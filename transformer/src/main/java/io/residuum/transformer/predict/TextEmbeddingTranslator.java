package io.residuum.transformer.predict;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.nlp.translator.TextEmbeddingServingTranslator;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.model.djl.TaskTranslator;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Creates translators of texts to vectors for models that DJL loads. */
public final class TextEmbeddingTranslator implements TaskTranslator<String, float[]> {

    @Override
    public Class<String> input() {
        return String.class;
    }

    @Override
    public Class<float[]> output() {
        return float[].class;
    }

    @Override
    public Optional<Translator<String, float[]>> open(
            ModelSource source, Network network, OwnedResources owned) {
        if (!TextEmbedder.isEmbedder(network.spec())) {
            return Optional.empty();
        }
        return Optional.of(
                new Texts(TextEmbedder.of(network, StoredTokenizer.open(source, owned))));
    }

    @Override
    public Translator<Input, Output> serving(Translator<String, float[]> translator) {
        return new TextEmbeddingServingTranslator(translator);
    }

    /** Encodes texts after the default prompt of the model. */
    private record Texts(TextEmbedder embedder) implements Translator<String, float[]> {

        @Override
        public NDList processInput(TranslatorContext context, String text) {
            return batchProcessInput(context, List.of(text));
        }

        @Override
        public NDList batchProcessInput(TranslatorContext context, List<String> texts) {
            List<String> prompted = texts.stream().map(embedder.prompt()::concat).toList();
            return embedder.encoder().inputs(context.getNDManager(), prompted);
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList outputs) {
            return Values.floats(outputs.head());
        }

        @Override
        public List<float[]> batchProcessOutput(TranslatorContext context, NDList outputs) {
            float[] all = Values.floats(outputs.head());
            int width = embedder.width();
            return IntStream.range(0, all.length / width)
                    .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                    .toList();
        }

        @Override
        public @Nullable Batchifier getBatchifier() {
            return null;
        }
    }
}
