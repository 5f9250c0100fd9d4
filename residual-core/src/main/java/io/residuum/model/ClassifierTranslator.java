package io.residuum.model;

import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.residuum.engine.Values;
import io.residuum.spec.Check;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Prepares samples for DJL's {@code Predictor} as the network's spec says, and returns named
 * classes. DJL's own translators do not know the spec's normalization or the model's tokenizer, and
 * a network gives wrong classes without them.
 *
 * @param <T> a sample, for instance an image or a text
 */
public final class ClassifierTranslator<T> implements Translator<T, Classifications> {
    private final Classifier<T> classifier;
    private final List<String> names;
    private final ClassActivation activation;
    private final boolean stacks;
    private final int output;

    /**
     * Creates a translator.
     *
     * @param classifier the classifier whose network is the block of the DJL model
     * @param stacks true if all samples have inputs of one shape, so that a batch is one forward
     *     pass; false to run sample by sample
     */
    public ClassifierTranslator(Classifier<T> classifier, boolean stacks) {
        this.classifier = classifier;
        this.stacks = stacks;
        Network network = classifier.network();
        this.activation = ClassActivation.of(network.metadata());
        this.names = classifier.classNames();
        this.output = network.block().outputNames().indexOf(classifier.head());
        Check.that(
                output >= 0,
                "DJL's predictor needs one of the outputs %s as the head, got \"%s\"",
                network.block().outputNames(),
                classifier.head());
    }

    @Override
    public NDList processInput(TranslatorContext context, T sample) {
        NDList inputs = classifier.inputs().apply(context.getNDManager(), List.of(sample));
        if (!stacks) {
            return inputs;
        }
        NDList rows = new NDList();
        for (NDArray input : inputs) {
            rows.add(input.squeeze(0));
        }
        return rows;
    }

    @Override
    public NDList batchProcessInput(TranslatorContext context, List<T> samples) {
        return classifier.inputs().apply(context.getNDManager(), samples);
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList outputs) {
        return classes(Values.floats(outputs.get(output)), 0);
    }

    @Override
    public List<Classifications> batchProcessOutput(TranslatorContext context, NDList outputs) {
        float[] logits = Values.floats(outputs.get(output));
        return IntStream.range(0, logits.length / names.size())
                .mapToObj(i -> classes(logits, i * names.size()))
                .toList();
    }

    private Classifications classes(float[] logits, int from) {
        Classification found = Classification.ofLogits(logits, from, names, activation);
        List<ClassProbability> classes = found.top(names.size());
        return new Classifications(
                classes.stream().map(ClassProbability::name).toList(),
                classes.stream().map(ClassProbability::probability).toList());
    }

    @Override
    public @Nullable Batchifier getBatchifier() {
        return stacks ? Batchifier.STACK : null;
    }
}
