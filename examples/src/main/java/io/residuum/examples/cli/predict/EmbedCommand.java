package io.residuum.examples.cli.predict;

import com.google.common.primitives.Floats;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PoolingOption;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.json.JsonText;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.train.rows.RowPredictions;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Utf8;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Embeds texts. */
@Command(
        name = "embed",
        description = {
            "Compute a vector for each text (embeddings), or find the texts nearest to a query.",
            "",
            "MODEL is a folder of sentence-transformers, such as all-MiniLM-L6-v2, or any encoder"
                + " or decoder with --pooling. CSV is printed unless --output or --query is given.",
            ""
        },
        footer = {
            "  residuum embed all-MiniLM-L6-v2 --file texts.txt --output vectors.safetensors",
            "  residuum embed all-MiniLM-L6-v2 --file texts.txt --query 'late trains'"
        })
@HelpSection("Use")
public final class EmbedCommand implements Callable<Integer> {
    private static final int TOP = 5;

    /** The JSON form of a text and its vector. */
    private record Embedded(String text, List<Float> embedding) {}

    /** The JSON form of a text that a search found. */
    private record Found(String text, int index, double cosine) {}

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
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "The file to write: .safetensors with the tensor \"embeddings\" (N, width), or"
                            + " .csv or .jsonl with the texts.")
    private @Nullable Path out;

    @Option(
            names = "--query",
            paramLabel = "TEXT",
            description = "Print the texts with the largest cosines to this text.")
    private @Nullable String query;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "With --query: print the N nearest texts (top-k). Default: " + TOP)
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
        if (all.isEmpty()) {
            throw Options.wrong(spec, "texts are missing; give --text TEXT or --file FILE");
        }
        ModelSource source = weights.on(model.resolve());
        TextSetup.input(source);
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
            compile.apply(network, output);
            print(embedder, all, output);
        }
        return 0;
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

    private static void warnOfCuts(TextEmbedder embedder, List<String> all, Output output) {
        all.stream()
                .filter(embedder::cuts)
                .forEach(
                        text ->
                                output.warn(
                                        "only the first %d tokens are read of %s"
                                                .formatted(
                                                        embedder.encoder().length(),
                                                        JsonText.quote(text))));
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

    private void print(TextEmbedder embedder, List<String> all, Output output) {
        TextEmbedder documents = documents(embedder);
        warnOfCuts(documents, all, output);
        Embeddings found = documents.embed(all, batch);
        if (out != null) {
            found.write(out, all);
            output.note("wrote    %s: %,d vectors of %d", out, found.size(), found.width());
        }
        if (query != null) {
            float[] vector = queries(embedder).embed(query);
            search(found.nearest(vector, top == null ? TOP : top), all, output);
        } else if (json) {
            output.json(
                    IntStream.range(0, all.size())
                            .mapToObj(i -> new Embedded(all.get(i), Floats.asList(found.get(i))))
                            .toList());
        } else if (out == null) {
            output.piece(RowPredictions.csv(found.rows(all)));
        }
    }

    private void search(List<Embeddings.Match> matches, List<String> all, Output output) {
        if (json) {
            output.json(
                    matches.stream()
                            .map(m -> new Found(all.get(m.index()), m.index(), m.score()))
                            .toList());
            return;
        }
        for (Embeddings.Match match : matches) {
            output.result("%.4f  %s", match.score(), all.get(match.index()));
        }
    }
}
