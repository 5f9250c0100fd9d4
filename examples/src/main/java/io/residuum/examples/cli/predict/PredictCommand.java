package io.residuum.examples.cli.predict;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.train.ImageInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a network on images, texts or a tensor. */
@Command(
        name = "predict",
        description = {
            "Run a network on images, texts, or a tensor.",
            "",
            "Images are resized, cropped and normalized as the network's spec says. Texts are"
                    + " encoded by the tokenizer saved with the model. The most probable classes"
                    + " are printed. A tensor is used without changes, and the logits are written.",
            ""
        })
public final class PredictCommand implements Callable<Integer> {

    /** The JSON form of an image's classes. */
    private record ImageResult(String image, List<ClassProbability> classes) {}

    /** The JSON form of a text's classes. */
    private record TextResult(String text, List<ClassProbability> classes) {}

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Parameters(index = "1..*", paramLabel = "IMAGE", description = "JPEG or PNG files.")
    private List<Path> images = List.of();

    @Option(names = "--text", paramLabel = "TEXT", description = "Text to classify. Repeatable.")
    private List<String> texts = List.of();

    @Mixin private TokenizerOption tokenizer;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description =
                    "A safetensors file with the tensor \"input\", (N, ...) in the network's input"
                            + " shape, and for networks that need one the tensor \"mask\".")
    private @Nullable Path input;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "The safetensors file to write, with the tensor \"output\", float32.")
    private @Nullable Path out;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Batch size. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "5",
            description = "Print the N most probable classes (top-k). Default: ${DEFAULT-VALUE}")
    private int top;

    @Option(names = "--json", description = "Print the classes as JSON.")
    private boolean json;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        Options.atLeast(spec, "--top", top, 1);
        weights.check();
        compile.check();
        checkMode();
        ModelSource chosen = weights.on(model.resolve());
        if (input != null) {
            return tensors(chosen, output);
        }
        return texts.isEmpty() ? images(chosen, output) : texts(chosen, output);
    }

    private int images(ModelSource chosen, Output output) {
        ImageInputs.shape(chosen.spec()); // fails before an engine is loaded
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output);
                ImageClassifier classifier = ImageClassifier.of(network)) {
            compile.apply(network, output::warn);
            List<ImageInput> inputs = images.stream().map(ImageInput::of).toList();
            print(images, classifier.classify(inputs, batch), ImageResult::new, output);
        }
        return 0;
    }

    private int tensors(ModelSource chosen, Output output) {
        Path from = input;
        Path to = out;
        if (from == null || to == null) {
            throw new IllegalStateException("checkMode requires both");
        }
        try (TensorPrediction prediction = TensorPrediction.open(chosen.spec(), from);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.apply(network, output::warn);
            output.note(prediction.run(network, batch, to));
        }
        return 0;
    }

    private int texts(ModelSource chosen, Output output) {
        TextSetup.input(chosen);
        if (!TextClassifier.isClassifier(chosen.spec())) {
            throw new SpecException(
                    ("--text needs a classifier, but %s has no head for classes; train one with"
                                    + " residuum train %s --data labelled:FILE")
                            .formatted(chosen.label(), chosen.label()));
        }
        try (Tokenizer encoder = TextSetup.required(chosen, tokenizer);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output);
                TextClassifier classifier = TextClassifier.of(network, encoder)) {
            compile.apply(network, output::warn);
            print(texts, classifier.classify(texts, batch), TextResult::new, output);
        }
        return 0;
    }

    private <T> void print(
            List<T> samples,
            List<Classification> found,
            BiFunction<String, List<ClassProbability>, Record> result,
            Output output) {
        List<Record> results = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            String sample = samples.get(i).toString();
            List<ClassProbability> classes = found.get(i).top(top);
            results.add(result.apply(sample, classes));
            if (!json) {
                output.result(sample);
                for (ClassProbability c : classes) {
                    output.result("  %5.1f%%  %s", 100 * c.probability(), c.name());
                }
            }
        }
        if (json) {
            output.json(results);
        }
    }

    private void checkMode() {
        boolean tensors = input != null || out != null;
        if (tensors && (input == null || out == null)) {
            throw Options.wrong(spec, "--input and --output must be given together");
        }
        if ((tensors ? 1 : 0) + (images.isEmpty() ? 0 : 1) + (texts.isEmpty() ? 0 : 1) != 1) {
            throw Options.wrong(
                    spec,
                    "give either images, or texts with --text, or --input FILE and --output FILE");
        }
        if (tokenizer.isGiven() && texts.isEmpty()) {
            throw Options.wrong(spec, "--tokenizer is for --text");
        }
        for (Path image : images) {
            Options.requireFile(spec, image.toString(), image);
        }
        if (input != null) {
            Options.requireFile(spec, "--input " + input, input);
        }
    }
}
