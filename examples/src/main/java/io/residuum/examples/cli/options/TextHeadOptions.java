package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.predict.Aggregation;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of {@code predict} for two texts, and for heads other than classifiers. */
@HelpSection("Text")
public final class TextHeadOptions {

    @Option(
            names = "--text-pair",
            paramLabel = "TEXT",
            description =
                    "The second text of the --text with the same number, for a classifier of"
                            + " pairs. Repeatable.")
    private List<String> seconds = List.of();

    @Option(
            names = "--question",
            paramLabel = "TEXT",
            description = "A question that --context answers (question answering).")
    private @Nullable String question;

    @Option(
            names = "--context",
            paramLabel = "TEXT",
            description = "The text that holds the answer; a long one is read in windows.")
    private @Nullable String context;

    @Option(
            names = "--query",
            paramLabel = "TEXT",
            description =
                    "Sort the texts of --text by their relevance to this query (rerank, by a"
                            + " cross-encoder).")
    private @Nullable String query;

    @Option(
            names = "--aggregation",
            paramLabel = "NAME",
            converter = AggregationConverter.class,
            description =
                    "For tags of tokens: none, simple, first, average or max, as in transformers."
                            + " Default: simple")
    private @Nullable Aggregation aggregation;

    /** {@return the second texts} */
    public List<String> seconds() {
        return seconds;
    }

    /** {@return the question, null for none} */
    public @Nullable String question() {
        return question;
    }

    /** {@return the context, null for none} */
    public @Nullable String context() {
        return context;
    }

    /** {@return the query, null for none} */
    public @Nullable String query() {
        return query;
    }

    /** {@return true if single texts are read for their head alone} */
    public boolean readSingleTexts() {
        return question == null && query == null && seconds.isEmpty() && aggregation == null;
    }

    /** {@return the way to join tags} */
    public Aggregation aggregation() {
        return aggregation == null ? Aggregation.SIMPLE : aggregation;
    }

    /**
     * Checks the options.
     *
     * @param texts the number of texts
     */
    public void check(CommandSpec spec, int texts) {
        if ((question == null) != (context == null)) {
            throw Options.wrong(spec, "--question and --context must be given together");
        }
        if (!seconds.isEmpty() && seconds.size() != texts) {
            throw Options.wrong(
                    spec,
                    "--text-pair must be given once for each --text: %d texts, got %d",
                    texts,
                    seconds.size());
        }
        boolean ofTexts = query != null || aggregation != null;
        if (ofTexts && texts == 0) {
            throw Options.wrong(
                    spec, "%s needs --text", query != null ? "--query" : "--aggregation");
        }
        long uses =
                Stream.of(question != null, query != null, !seconds.isEmpty(), aggregation != null)
                        .filter(given -> given)
                        .count();
        if (uses > 1 || (question != null && texts > 0)) {
            throw Options.wrong(
                    spec,
                    "give one of --question with --context, --query, --text-pair and"
                            + " --aggregation; --question reads no --text");
        }
    }

    /**
     * Checks the options that the head of a model reads.
     *
     * @param top true if {@code --top} is given
     */
    public void check(CommandSpec spec, ModelSource model, boolean top) {
        TextOutput output = TextOutput.of(model.spec());
        if (output == TextOutput.EMBEDDING || output == TextOutput.OTHER) {
            throw new SpecException(
                    ("--text needs a head for classes, tags, answers or masks, but %s has none;"
                                    + " train one with residuum train %s --data labelled:FILE")
                            .formatted(model.label(), model.label()));
        }
        boolean spans = output == TextOutput.SPANS;
        boolean classes = output == TextOutput.CLASSES;
        boolean tags = output == TextOutput.TOKEN_CLASSES;
        require(
                spec,
                question != null || !spans,
                "%s answers questions: give --question TEXT --context TEXT instead of --text",
                model);
        require(
                spec,
                question == null || spans,
                "--question needs a head for spans of answers, but %s has another head",
                model);
        require(
                spec,
                query == null || classes,
                "--query needs a cross-encoder, but %s has another head",
                model);
        require(
                spec,
                seconds.isEmpty() || classes,
                "--text-pair needs a classifier of texts, but %s has another head",
                model);
        require(
                spec,
                aggregation == null || tags,
                "--aggregation needs a model that tags tokens, but %s has another head",
                model);
        require(spec, !top || !tags, "--top does not apply to %s, which tags all tokens", model);
    }

    private static void require(CommandSpec spec, boolean holds, String format, ModelSource model) {
        if (!holds) {
            throw Options.wrong(spec, format, model.label());
        }
    }

    private static final class AggregationConverter extends Options.Converter<Aggregation> {
        AggregationConverter() {
            super(
                    text ->
                            Stream.of(Aggregation.values())
                                    .filter(a -> a.toString().equals(text.toLowerCase(Locale.ROOT)))
                                    .findFirst()
                                    .orElseThrow(
                                            () ->
                                                    new IllegalArgumentException(
                                                            "must be none, simple, first, average"
                                                                    + " or max, got "
                                                                    + text)));
        }
    }
}
