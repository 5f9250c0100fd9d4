package io.residuum.examples.cli.predict;

import com.google.common.primitives.Floats;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.MaxPixelsOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PoolingOption;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.json.Json;
import io.residuum.json.JsonText;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.train.rows.RowPredictions;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.predict.ZeroShot;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Utf8;
import io.residuum.transformer.train.TextSettings;
import io.residuum.vision.predict.ImageEmbedder;
import io.residuum.vision.train.ImageInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Embeds texts or images. */
@Command(
        name = "embed",
        description = {
            "Compute a vector for each text or image (embeddings), or find the nearest to a query.",
            "",
            "MODEL is a folder of sentence-transformers, such as all-MiniLM-L6-v2, or any encoder"
                    + " or decoder with --pooling; a network of images, whose vectors are what its"
                    + " last linear layer reads; or a model of both, such as CLIP. CSV is printed"
                    + " unless --output or --query is given.",
            ""
        },
        footer = {
            "  residuum embed all-MiniLM-L6-v2 --file texts.txt --output vectors.safetensors",
            "  residuum embed all-MiniLM-L6-v2 --file texts.txt --query 'late trains'",
            "  residuum embed runs/first --input photos --output vectors.safetensors",
            "  residuum embed clip-vit-base-patch32 --input photos --query 'a sleeping cat'"
        })
@HelpSection("Use")
public final class EmbedCommand implements Callable<Integer> {
    private static final int TOP = 5;

    private static final String TEXT = "text";
    private static final String IMAGE = "image";

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(names = "--text", paramLabel = "TEXT", description = "Text to embed. Repeatable.")
    private List<String> texts = List.of();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "UTF-8 file with a text in each line. Empty lines are left out.")
    private @Nullable Path file;

    @Option(
            names = "--input",
            paramLabel = "IMAGE",
            description =
                    "Picture file, folder of pictures or pattern in quotes to embed. Repeatable.")
    private List<String> images = List.of();

    @Option(
            names = "--layer",
            paramLabel = "LAYER",
            description =
                    "With --input: the layer whose output is the vector. Default: that before the"
                            + " last linear layer, or the output")
    private @Nullable String layer;

    @Mixin private MaxPixelsOption maxPixels;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "The file to write: .safetensors with the tensor \"embeddings\" (N, width), or"
                            + " .csv or .jsonl with the texts or images.")
    private @Nullable Path out;

    @Option(
            names = "--query",
            paramLabel = "TEXT",
            description = "Print the texts or images with the largest cosines to this text.")
    private @Nullable String query;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "With --query: print the N nearest (top-k). Default: " + TOP)
    private @Nullable Integer top;

    @Option(
            names = "--prompt-name",
            paramLabel = "NAME",
            description =
                    "The model's prompt to write before each text, by its name. Default: its"
                            + " default prompt; with --query its prompts of documents and queries")
    private @Nullable String promptName;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "Prompt to write before each text, such as 'passage: '; '' for none.")
    private @Nullable String prompt;

    @Option(
            names = "--query-prompt",
            paramLabel = "TEXT",
            description = "Prompt to write before the text of --query. Default: the model's.")
    private @Nullable String queryPrompt;

    @Mixin private PoolingOption pooling;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "" + TextEmbedder.BATCH,
            description = "Batch size. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--json", description = "Print vectors or found texts as JSON.")
    private boolean json;

    @Mixin private TokenizerOption tokenizer;

    @Mixin private WeightsOption weights;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        check();
        List<String> all = new ArrayList<>(texts);
        if (file != null) {
            Utf8.read(file).lines().filter(line -> !line.isBlank()).forEach(all::add);
        }
        if (all.isEmpty() == images.isEmpty()) {
            throw Options.wrong(
                    spec, "give texts with --text TEXT or --file FILE, or --input IMAGE");
        }
        ModelSource source = weights.on(model.resolve());
        if (!images.isEmpty() || ZeroShot.supports(source.spec())) {
            return images(source, all, output);
        }
        TextSettings.input(source);
        ModelSource chosen = pooling.on(source);
        if (!TextEmbedder.isEmbedder(chosen.spec())) {
            throw new SpecException(
                    "%s has no pooling; use a folder of sentence-transformers, or give --pooling mean"
                            .formatted(chosen.label()));
        }
        try (Tokenizer encoder = TextSetup.required(chosen, tokenizer);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output);
                TextEmbedder embedder = TextEmbedder.of(network, encoder)) {
            compile.applyLater(network, output);
            TextEmbedder documents = documents(embedder);
            Embeddings found = embed(documents, all, output);
            print(
                    found,
                    TEXT,
                    all,
                    text -> embed(queries(embedder), List.of(text), output).get(0),
                    output);
        }
        return 0;
    }

    /** Embeds images, or texts by a model of both. */
    private int images(ModelSource source, List<String> all, Output output) {
        if (prompt != null || promptName != null || queryPrompt != null || pooling.isGiven()) {
            throw Options.wrong(
                    spec,
                    "prompts and --pooling are for models of texts, but %s embeds images; leave"
                            + " out --prompt, --prompt-name, --query-prompt and --pooling",
                    source.label());
        }
        if (images.isEmpty() && !compile.isPlain()) {
            throw Options.wrong(
                    spec,
                    "%s embeds texts in float32 on the engine; leave out --compute and --runtime",
                    source.label());
        }
        boolean both = ZeroShot.supports(source.spec());
        if (!both) {
            ImageInputs.shape(source.spec()); // fails before an engine is loaded
            if (query != null) {
                throw Options.wrong(
                        spec,
                        "--query needs a model of images and texts such as CLIP, but %s reads"
                                + " images only",
                        source.label());
            }
        }
        List<Picture> pictures = Picture.all(images, maxPixels.reader(spec), output);
        try (Backend engine = backend.open(output);
                Network network = weights.open(source, engine, output);
                Network tower = both && !pictures.isEmpty() ? ZeroShot.imageTower(network) : null) {
            Function<String, float[]> text = t -> texts(network, source, List.of(t), output).get(0);
            if (pictures.isEmpty()) {
                print(texts(network, source, all, output), TEXT, all, text, output);
                return 0;
            }
            Network reading = tower == null ? network : tower;
            compile.applyLater(reading, output);
            try (ImageEmbedder embedder =
                    layer == null ? ImageEmbedder.of(reading) : ImageEmbedder.of(reading, layer)) {
                List<float[]> found =
                        embedder.embed(pictures.stream().map(Picture::input).toList(), batch);
                List<String> names = pictures.stream().map(Picture::name).toList();
                print(Embeddings.of(found), IMAGE, names, text, output);
            }
        }
        return 0;
    }

    private Embeddings texts(Network network, ModelSource source, List<String> all, Output output) {
        List<Integer> cut = new ArrayList<>();
        try (Tokenizer encoder = TextSetup.required(source, tokenizer)) {
            float[][] found = ZeroShot.embed(network, encoder, all, batch, cut::add);
            warnOfCuts(cut, all, output);
            return Embeddings.of(List.of(found));
        }
    }

    private Embeddings embed(TextEmbedder embedder, List<String> all, Output output) {
        List<Integer> cut = new ArrayList<>();
        Embeddings found = embedder.embed(all, batch, cut::add);
        warnOfCuts(cut, all, output);
        return found;
    }

    private static void warnOfCuts(List<Integer> cut, List<String> all, Output output) {
        if (!cut.isEmpty()) {
            output.warn(
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d texts have more tokens than the model reads, and their"
                                    + " ends are cut, such as %s",
                            cut.size(),
                            all.size(),
                            JsonText.quote(all.get(cut.get(0)))));
        }
    }

    private void check() {
        Options.atLeast(spec, "--batch", batch, 1);
        if (top != null) {
            Options.atLeast(spec, "--top", top, 1);
        }
        if (file != null) {
            Options.requireFile(spec, "--file " + file, file);
        }
        if (out != null) {
            Options.requireSuffix(spec, "--output", out, ".safetensors", ".csv", ".jsonl");
        }
        if (layer != null && images.isEmpty()) {
            throw Options.wrong(spec, "--layer is for --input");
        }
        if (maxPixels.isGiven() && images.isEmpty()) {
            throw Options.wrong(spec, "--max-pixels is for --input");
        }
        if (tokenizer.isGiven() && texts.isEmpty() && file == null && query == null) {
            throw Options.wrong(spec, "--tokenizer is for --text, --file and --query");
        }
        Picture.requireReadable(spec, images);
        pooling.check();
        if (query == null && (top != null || queryPrompt != null)) {
            throw Options.wrong(spec, "%s needs --query", top == null ? "--query-prompt" : "--top");
        }
        if (prompt != null && promptName != null) {
            throw Options.wrong(spec, "--prompt and --prompt-name exclude each other");
        }
        if (out != null && json && query == null) {
            throw Options.wrong(spec, "--json prints what --output writes; give one of them");
        }
        weights.check();
        compile.check();
    }

    /** Returns the embedder of the texts to be found, or of all texts. */
    private TextEmbedder documents(TextEmbedder embedder) {
        if (prompt != null) {
            return embedder.withPrompt(prompt);
        }
        if (promptName != null) {
            return embedder.withPrompt(embedder.prompts().named(promptName));
        }
        return query == null ? embedder : embedder.forDocuments();
    }

    private TextEmbedder queries(TextEmbedder embedder) {
        return queryPrompt == null ? embedder.forQueries() : embedder.withPrompt(queryPrompt);
    }

    private void print(
            Embeddings found,
            String column,
            List<String> names,
            Function<String, float[]> embedder,
            Output output) {
        if (out != null) {
            found.write(out, column, names);
            output.note("wrote    %s: %,d vectors of %d", out, found.size(), found.width());
        }
        if (query != null) {
            int count = top == null ? TOP : top;
            search(found.nearest(embedder.apply(query), count), column, names, output);
        } else if (json) {
            output.json(
                    IntStream.range(0, names.size())
                            .mapToObj(
                                    i ->
                                            Json.object(
                                                    column,
                                                    names.get(i),
                                                    "embedding",
                                                    Floats.asList(found.get(i))))
                            .toList());
        } else if (out == null) {
            output.piece(RowPredictions.csv(found.rows(column, names)));
        }
    }

    private void search(
            List<Embeddings.Match> matches, String column, List<String> names, Output output) {
        if (json) {
            output.json(
                    matches.stream()
                            .map(
                                    m ->
                                            Json.object(
                                                    column,
                                                    names.get(m.index()),
                                                    "index",
                                                    m.index(),
                                                    "cosine",
                                                    m.score()))
                            .toList());
            return;
        }
        for (Embeddings.Match match : matches) {
            output.result("%.4f  %s", match.score(), names.get(match.index()));
        }
    }
}
