package io.residuum.examples.cli.options;

import io.residuum.spec.SpecException;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.TokenRules;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of sampling. */
@HelpSection("Sampling")
public final class SamplingOptions {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "Sampling temperature: divides the logits. Lower is less random; 0 always takes"
                            + " the most probable token. Default: 0.8, or 0 with --beams")
    private @Nullable Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description =
                    "Top-k sampling: choose among the K most probable tokens; 0: all. Default: 0")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description =
                    "Top-p (nucleus) sampling: choose among the smallest set of most probable"
                            + " tokens whose probabilities sum to P. Default: 1, all")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Min-p sampling: exclude tokens less probable than P times the most probable"
                            + " one. Default: 0, none")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description =
                    "Repetition penalty: make tokens that are already in the text less probable."
                            + " Positive logits are divided by R, negative ones multiplied."
                            + " Default: 1, none")
    private double repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description =
                    "Presence penalty: subtract X from the logits of tokens that the generated text"
                            + " already has. Default: 0, none")
    private double presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description =
                    "Frequency penalty: subtract X from the logit of a token for each time that the"
                            + " generated text has it. Default: 0, none")
    private double frequencyPenalty;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Random seed: the same seed gives the same text. Prompt i of several uses N +"
                            + " i. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--logit-bias",
            paramLabel = "TOKEN=X",
            description =
                    "Logit bias: add X to the logit of the token with the id TOKEN, as residuum"
                            + " tokenize prints it. -100 practically excludes a token. Repeatable.")
    private Map<Integer, Double> bias = new TreeMap<>();

    @Option(
            names = "--allowed-tokens",
            paramLabel = "TOKEN",
            split = ",",
            description =
                    "Ids of the only tokens that may be chosen, separated by commas. Include the"
                            + " end token to let texts end. Default: all")
    private Set<Integer> allowed = new TreeSet<>();

    @Option(
            names = "--first-token",
            paramLabel = "TOKEN",
            description =
                    "Id of the first token of every text, such as the target language of mBART,"
                            + " M2M-100 and NLLB (forced_bos_token_id). Default: the model's")
    private @Nullable Integer first;

    /**
     * {@return the sampling options}
     *
     * @param absent the temperature if none is given
     * @throws SpecException if a value is out of range
     */
    public Sampling sampling(double absent) {
        double chosen = temperature == null ? absent : temperature;
        if (chosen == 0 && (topK != 0 || topP != 1 || minP != 0)) {
            throw Options.wrong(
                    command,
                    "--top-k, --top-p and --min-p need a --temperature above 0 (--beams has 0):"
                            + " at 0 the most probable token is always taken");
        }
        return new Sampling(
                chosen,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                new TokenRules(bias, allowed, first),
                presencePenalty,
                frequencyPenalty);
    }
}
