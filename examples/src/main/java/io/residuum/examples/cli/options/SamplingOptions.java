package io.residuum.examples.cli.options;

import io.residuum.spec.SpecException;
import io.residuum.transformer.generate.Sampling;
import picocli.CommandLine.Option;

/** How tokens are chosen. */
public final class SamplingOptions {

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.8",
            description =
                    "Divides the logits: below 1 the probable tokens become more so; 0 takes the"
                            + " most probable one every time. Default: ${DEFAULT-VALUE}")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Choose among the K most probable tokens; 0: all. Default: 0")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description =
                    "Choose among the fewest most probable tokens whose probabilities sum up to P."
                            + " Default: 1, all")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Leave out tokens that are less probable than P times the most probable one."
                            + " Default: 0, none")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description =
                    "Make tokens that are in the text already less probable: positive logits are"
                            + " divided by R, negative ones multiplied. Default: 1, no penalty")
    private double repetitionPenalty;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Of the draws; prompt i of several draws by N + i. The same seed gives the same"
                            + " text. Default: ${DEFAULT-VALUE}")
    private long seed;

    /**
     * What was asked for.
     *
     * @throws SpecException if a value is out of range
     */
    public Sampling sampling() {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, seed);
    }
}
