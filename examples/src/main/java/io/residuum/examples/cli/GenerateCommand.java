package io.residuum.examples.cli;

import io.residuum.compile.ComputeType;
import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CacheTypeOption;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PromptOptions;
import io.residuum.examples.cli.options.SamplingOptions;
import io.residuum.examples.cli.options.SearchOptions;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Search;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Generates text. */
@Command(
        name = "generate",
        description = {
            "Generate text with a language model.",
            "",
            "A single text is printed while it is generated, after its prompt. Several texts are"
                    + " generated as one batch and printed at the end. A model with an encoder"
                    + " translates its prompts. Ctrl-C ends the texts at once.",
            ""
        },
        footer = {
            "  residuum generate runs/plays --prompt 'To be'",
            "  residuum generate opus-mt-en-de/ -p 'How are you?' --beams 4",
            "  residuum generate runs/plays -p - --max-tokens 200 --temperature 0.7"
        })
@HelpSection("Use")
final class GenerateCommand implements Callable<Integer> {

    /** The JSON form of one text. */
    private record Text(String prompt, String text, List<Integer> tokens, String reason) {}

    /** The JSON form of the result. */
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
            description = "Maximum number of new tokens per text. Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Mixin private SamplingOptions sampling;

    @Mixin private SearchOptions search;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description =
                    "Stop string: end a text before it. Repeatable. The model's own end token"
                            + " always ends a text.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--no-cache",
            description =
                    "Do not use the KV cache: recompute keys and values of all tokens for each new"
                            + " token, without compiled programs. Slower, same text.")
    private boolean noCache;

    @Mixin private CacheTypeOption cacheType;

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
        if (noCache && !compile.isPlain()) {
            throw Options.wrong(
                    spec,
                    "--%s needs the KV cache, whose steps are compiled; leave out --no-cache",
                    compile.compute() == ComputeType.FLOAT32
                            ? "runtime " + compile.runtime()
                            : "compute " + compile.compute());
        }
        if (noCache && cacheType.isGiven()) {
            throw Options.wrong(spec, "--cache-dtype needs the KV cache; leave out --no-cache");
        }
        Search searched = search.search();
        if (searched.minTokens() > maxTokens) {
            throw Options.wrong(
                    spec,
                    "--min-tokens must be at most --max-tokens, %d, got %d",
                    maxTokens,
                    searched.minTokens());
        }
        Generator.Settings settings =
                new Generator.Settings(
                        sampling.sampling(search.hasBeams() ? 0 : 0.8),
                        maxTokens,
                        stops,
                        !noCache,
                        searched);
        ModelSource chosen = weights.on(model.resolve());
        long vocabulary = TextSettings.input(chosen).vocabulary();
        List<String> texts = prompts.read();
        try (Tokenizer encoder = TextSetup.required(chosen, tokenizer);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output);
                TextGenerator generator =
                        TextGenerator.of(network, encoder).withCacheType(cacheType.type())) {
            compile.apply(network, output);
            if (encoder.vocabulary() < vocabulary) {
                output.note(
                        "tokens   the tokenizer has %,d of the model's %,d tokens",
                        encoder.vocabulary(), vocabulary);
            }
            noteSuggestions(generator.suggestions(), output);
            if (!generator.translates()) {
                noteLongTexts(encoder, texts, TextSettings.input(chosen).length(), output);
            }
            return write(generator, texts, settings, chosen.label(), engine, output);
        }
    }

    private static void noteSuggestions(Map<String, String> suggestions, Output output) {
        if (!suggestions.isEmpty()) {
            output.note(
                    "settings generation_config.json has %s; options replace them",
                    suggestions.entrySet().stream()
                            .map(setting -> setting.getKey() + " " + setting.getValue())
                            .collect(Collectors.joining(", ")));
        }
    }

    private void noteLongTexts(Tokenizer encoder, List<String> texts, int context, Output output) {
        boolean isLong =
                texts.stream()
                        .anyMatch(t -> encoder.encodeForModel(t).length + maxTokens > context + 1);
        if (isLong) {
            output.note(
                    "context  the model reads %,d tokens; a longer text continues from its last"
                            + " half",
                    context);
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
        try (ExitGuard guard = new ExitGuard(listener::stop)) {
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
                "%,d tokens after %,d in %.2f s: the first after %.2f s%s, %.1f tokens/s",
                r.tokens(),
                r.promptTokens(),
                r.seconds(),
                r.promptSeconds(),
                each == null ? "" : String.format(Locale.ROOT, ", then %.2f ms/token", each),
                r.tokensPerSecond());
    }

    /** Prints a text while it is generated, and ends it on request. */
    private static final class Listener implements TextListener {
        private final @Nullable Output output;

        /** Printed with the first piece of text, because an error may come instead of it. */
        private String pendingPrompt;

        private volatile boolean stopped;

        Listener(@Nullable Output output, String prompt) {
            this.output = output;
            this.pendingPrompt = prompt;
        }

        @Override
        public void text(int sequence, String piece) {
            if (output != null) {
                output.piece(pendingPrompt + piece);
                pendingPrompt = "";
            }
        }

        void end() {
            if (output != null) {
                output.result(pendingPrompt);
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
