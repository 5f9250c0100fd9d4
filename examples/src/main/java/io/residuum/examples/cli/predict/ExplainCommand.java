package io.residuum.examples.cli.predict;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.MaxPixelsOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.json.JsonText;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.vision.explain.Explainer;
import io.residuum.vision.explain.Explanation;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.train.ImageInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws what a classifier looks at. */
@Command(
        name = "explain",
        description = {
            "Explain a prediction: draw a heat map over an image (Grad-CAM, attention).",
            "",
            "Grad-CAM (Selvaraju et al. 2017) shows where an image speaks for a class. Attention"
                    + " rollout (Abnar and Zuidema 2020) shows which patches a transformer reads.",
            ""
        },
        footer = {
            "  residuum explain runs/first seven.png -o seven-explained.png",
            "  residuum explain vit.safetensors cat.jpg --method attention -o cat.png"
        })
@HelpSection("Use")
public final class ExplainCommand implements Callable<Integer> {

    enum Method {
        GRAD_CAM,
        ATTENTION;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Parameters(index = "1", paramLabel = "IMAGE", description = "A picture file.")
    private Path image;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The picture to write, FILE.png.")
    private Path out;

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description =
                    "grad-cam or attention. Default: grad-cam; attention for networks without"
                            + " feature maps")
    private @Nullable Method method;

    @Option(
            names = "--class",
            paramLabel = "CLASS",
            description =
                    "For grad-cam: the name or index of the class to explain. Default: the most"
                            + " probable")
    private @Nullable String ofClass;

    @Option(
            names = "--layer",
            paramLabel = "PATH",
            description =
                    "For grad-cam: the layer to draw, such as stage3. Default: the last with a"
                            + " height and width")
    private @Nullable String layer;

    @Mixin private MaxPixelsOption maxPixels;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        Options.requireFile(spec, image.toString(), image);
        Options.requireSuffix(spec, "--output", out, ".png");
        weights.check();
        ModelSource chosen = weights.on(model.resolve());
        ImageInputs.shape(chosen.spec()); // fails before an engine is loaded
        ImageInput input = ImageInput.of(image, maxPixels.reader(spec));
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            Explainer explainer = new Explainer(network);
            List<String> names =
                    network.metadata().classNames(Math.toIntExact(network.outputShape().get(1)));
            Explanation why = explain(explainer, input, names);
            why.map().write(out, why.view());
            output.result(
                    "%s: %s (%.1f%%), by %s",
                    image, names.get(why.ofClass()), 100 * why.probability(), why.source());
            output.result("picture " + out);
        }
        return 0;
    }

    private Explanation explain(Explainer explainer, ImageInput input, List<String> names) {
        Optional<String> at = Optional.ofNullable(layer);
        if (at.isEmpty() && method == null) {
            at = explainer.lastSpatialLayer();
        }
        boolean attends = method == null ? at.isEmpty() : method == Method.ATTENTION;
        if (!attends) {
            return explainer.gradCam(input, index(names), at);
        }
        if (ofClass != null || layer != null) {
            throw Options.wrong(
                    spec, "--class and --layer are for --method grad-cam; attention has neither");
        }
        return explainer.attention(input);
    }

    private OptionalInt index(List<String> names) {
        if (ofClass == null) {
            return OptionalInt.empty();
        }
        int named = names.indexOf(ofClass);
        if (named >= 0) {
            return OptionalInt.of(named);
        }
        if (ofClass.matches("\\d{1,9}")) {
            return OptionalInt.of(Integer.parseInt(ofClass));
        }
        throw Options.wrong(spec, "--class: %s", JsonText.unknown("class", ofClass, names));
    }
}
