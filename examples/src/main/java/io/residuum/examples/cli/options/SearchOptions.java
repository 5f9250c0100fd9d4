package io.residuum.examples.cli.options;

import io.residuum.spec.SpecException;
import io.residuum.transformer.generate.Search;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of the search for a text. */
@HelpSection("Beam search and limits")
public final class SearchOptions {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Beam search: continue the N most probable partial texts, without sampling."
                            + " Default: 1, none")
    private int beams;

    @Option(
            names = "--length-penalty",
            paramLabel = "A",
            description =
                    "Divide the log-probability of a complete text by its number of tokens to the"
                            + " power A. More prefers longer texts. Needs --beams. Default: 1")
    private @Nullable Double lengthPenalty;

    @Option(
            names = "--early-stopping",
            paramLabel = "WHEN",
            description =
                    "End a search that has N complete texts: heuristic: if no partial text would be"
                            + " better at its present length; never: at any length; full: at once."
                            + " Needs --beams. Default: heuristic")
    private Search.@Nullable EarlyStopping earlyStopping;

    @Option(
            names = "--no-repeat-ngram",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Never generate a sequence of N tokens twice, counting the prompt. Default: 0,"
                            + " no limit")
    private int noRepeatNgram;

    @Option(
            names = "--min-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Minimum number of new tokens before an end token. Default: 0")
    private int minTokens;

    /** {@return true if several partial texts are continued} */
    public boolean hasBeams() {
        return beams > 1;
    }

    /**
     * {@return the search}
     *
     * @throws SpecException if a value is out of range
     */
    public Search search() {
        if (!hasBeams() && (lengthPenalty != null || earlyStopping != null)) {
            throw Options.wrong(
                    command,
                    "--length-penalty and --early-stopping have an effect with --beams only");
        }
        return new Search(
                beams,
                lengthPenalty == null ? Search.NONE.lengthPenalty() : lengthPenalty,
                earlyStopping == null ? Search.NONE.earlyStopping() : earlyStopping,
                noRepeatNgram,
                minTokens);
    }
}
