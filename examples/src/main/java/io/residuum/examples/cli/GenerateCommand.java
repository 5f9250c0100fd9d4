package io.residuum.examples.cli;

import io.residuum.compile.ComputeType;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PromptOptions;
import io.residuum.examples.cli.options.SamplingOptions;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Continues texts. */
@Command(
        name = "generate",
        description = {
            "Let a language model continue texts.",
            "",
            "One text appears while it is written, behind its prompt; several are written side by"
                    + " side and appear at the end. A model with an encoder translates its prompts."
                    + " Ctrl-C ends the texts where they are.",
            ""
        })
final class GenerateCommand implements Callable<Integer> {

    /** One text, as JSON shows it. */
    private record Text(String prompt, String text, List<Integer> tokens, String reason) {}

    /** All of them, and how long they took. */
    private record Result(
            String model,
            String engine,
            Generator.Settings settings,
            List<Text> texts,
            int promptTokens,
            double promptSeconds,
            int tokens,
            double seconds,
            @Nullable Double millisPerToken,
            double tokensPerSecond) {}

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private PromptOptions prompts;

    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            defaultValue = "100",
            description = "The most tokens to write, of each text. Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Mixin private SamplingOptions sampling;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description =
                    "End a text ahead of this one. May be given several times. The model's own end"
                            + " token always ends a text.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--no-cache",
            description =
                    "Compute keys and values of all tokens again for each new one, operation by"
                            + " operation. The text is the same, and takes longer.")
    private boolean noCache;

    @Mixin private TokenizerOption tokenizer;

    @Mixin private WeightsOption weights;

    @Option(names = "--json", description = "Print texts, tokens and times as JSON.")
    private boolean json;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--max-tokens", maxTokens, 1);
        weights.check();
        compile.check();
        if (noCache && compile.compute() != ComputeType.FLOAT32) {
            throw Options.wrong(
                    spec,
                    "--compute %s needs the cache, whose steps are compiled: leave out --no-cache",
                    compile.compute());
        }
        Generator.Settings settings =
                new Generator.Settings(sampling.sampling(), maxTokens, stops, !noCache);
        ModelSource chosen = weights.on(model.resolve());
        long vocabulary = TextSetup.input(chosen).vocabulary();
        List<String> texts = prompts.read();
        try (Tokenizer known = TextSetup.required(chosen, tokenizer);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output);
                TextGenerator generator = TextGenerator.of(network, known)) {
            compile.apply(network, output::warn);
            if (known.vocabulary() < vocabulary) {
                output.note(
                        String.format(
                                Locale.ROOT,
                                "tokens   %,d of the model's %,d, all that the tokenizer has",
                                known.vocabulary(),
                                vocabulary));
            }
            return write(generator, texts, settings, chosen.label(), engine, output);
        }
    }

    private int write(
            TextGenerator generator,
            List<String> texts,
            Generator.Settings settings,
            String label,
            Backend engine,
            Output output) {
        boolean streams = texts.size() == 1 && !json;
        Listener listener =
                new Listener(streams ? output : null, generator.translates() ? "" : texts.get(0));
        try (StopSignal signal = new StopSignal(listener::stop)) {
            Generator.Batch batch = generator.generate(texts, settings, listener);
            listener.end();
            report(result(label, engine, texts, settings, batch), generator, streams, output);
        }
        return listener.stopped() ? Residuum.EXIT_INTERRUPTED : 0;
    }

    private static Result result(
            String label,
            Backend engine,
            List<String> prompts,
            Generator.Settings settings,
            Generator.Batch batch) {
        List<Text> texts = new ArrayList<>();
        int steps = 0;
        for (int i = 0; i < prompts.size(); i++) {
            Continuation c = batch.continuations().get(i);
            String reason = c.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
            texts.add(new Text(prompts.get(i), c.text(), c.tokens(), reason));
            steps = Math.max(steps, c.tokens().size());
        }
        Double each =
                steps < 2 ? null : 1000 * (batch.seconds() - batch.promptSeconds()) / (steps - 1);
        return new Result(
                label,
                engine.engine().getEngineName(),
                settings,
                texts,
                batch.promptTokens(),
                batch.promptSeconds(),
                batch.tokens(),
                batch.seconds(),
                each,
                batch.tokens() / batch.seconds());
    }

    private void report(Result r, TextGenerator generator, boolean streamed, Output output) {
        if (json) {
            output.json(r);
        } else if (!streamed) {
            for (int i = 0; i < r.texts().size(); i++) {
                Text text = r.texts().get(i);
                output.result("--- " + (i + 1));
                output.result((generator.translates() ? "" : text.prompt()) + text.text());
            }
        }
        Double each = r.millisPerToken();
        output.note(
                String.format(
                        Locale.ROOT,
                        "%,d tokens after %,d in %.2f s: the first after %.2f s%s, %.1f tokens/s",
                        r.tokens(),
                        r.promptTokens(),
                        r.seconds(),
                        r.promptSeconds(),
                        each == null
                                ? ""
                                : String.format(Locale.ROOT, ", then %.2f ms/token", each),
                        r.tokensPerSecond()));
    }

    /** Shows a text while it is written, and ends it when asked to. */
    private static final class Listener implements TextListener {
        private final @Nullable Output output;

        /** A prompt is shown with what comes first behind it: an error may come instead. */
        private String ahead;

        private volatile boolean stopped;

        Listener(@Nullable Output output, String prompt) {
            this.output = output;
            this.ahead = prompt;
        }

        @Override
        public void text(int sequence, String piece) {
            if (output != null) {
                output.piece(ahead + piece);
                ahead = "";
            }
        }

        /** Ends the line. */
        void end() {
            if (output != null) {
                output.result(ahead);
            }
        }

        void stop() {
            stopped = true;
        }

        @Override
        public boolean stopped() {
            return stopped;
        }
    }
}
