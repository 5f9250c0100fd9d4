package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CacheTypeOption;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.MaxPixelsOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PoolingOption;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.serve.Batching;
import io.residuum.serve.Limits;
import io.residuum.serve.ModelServer;
import io.residuum.serve.ServeOptions;
import io.residuum.serve.ServedModel;
import io.residuum.spec.InputSpec;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a model over HTTP. */
@Command(
        name = "serve",
        description = {
            "Serve a model over HTTP: predictions, embeddings, completions and chat.",
            "",
            "Images, texts and tensors go to /v1/predict. /v1/embeddings, /v1/completions and"
                    + " /v1/chat/completions have OpenAI's format. The page at / tries the model."
                    + " Ctrl-C or SIGTERM ends the server after its running requests.",
            ""
        },
        footer = {
            "  residuum serve runs/first",
            "  residuum serve all-MiniLM-L6-v2 --port 8000 --batch-delay 5"
        })
@HelpSection("Use")
final class ServeCommand implements Callable<Integer> {
    private static final long MIB = 1 << 20;

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "Address to listen on: 0.0.0.0 for all networks. Default: ${DEFAULT-VALUE}")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "Port, or 0 for a free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the model in requests. Default: that of MODEL")
    private @Nullable String name;

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "Largest number of samples, or of texts in generation, in one forward pass."
                            + " Default: ${DEFAULT-VALUE}")
    private int maxBatch;

    @Option(
            names = "--max-positions",
            paramLabel = "N",
            defaultValue = "32768",
            description =
                    "Largest product of the number of texts that are generated together and the"
                            + " length of the longest; it bounds the KV cache. Default:"
                            + " ${DEFAULT-VALUE}")
    private int maxPositions;

    @Option(
            names = "--batch-delay",
            paramLabel = "MS",
            defaultValue = "2",
            description =
                    "Milliseconds that a sample waits for others of its batch. Default:"
                            + " ${DEFAULT-VALUE}")
    private int delay;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "256",
            description = "Largest number of samples that wait. Default: ${DEFAULT-VALUE}")
    private int queue;

    @Option(
            names = "--when-full",
            paramLabel = "POLICY",
            defaultValue = "reject",
            description =
                    "What happens when the queue is full: reject (status 429) or wait. Default:"
                            + " ${DEFAULT-VALUE}")
    private Batching.WhenFull whenFull;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "60",
            description =
                    "Seconds until a request without a result ends with status 503. Default:"
                            + " ${DEFAULT-VALUE}")
    private int timeout;

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            defaultValue = "16",
            description = "Largest body of a request in MiB. Default: ${DEFAULT-VALUE}")
    private int maxBody;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "4096",
            description =
                    "Largest number of tokens that a completion may ask for. Default:"
                            + " ${DEFAULT-VALUE}")
    private int maxNewTokens;

    @Option(
            names = "--chat-format",
            paramLabel = "FORMAT",
            description =
                    "Text form of chats: plain, chatml, llama3, gemma or phi3. Default: the chat"
                            + " template of MODEL, or by the special tokens of the tokenizer")
    private @Nullable ChatFormat chat;

    @Mixin private CacheTypeOption cacheType;

    @Mixin private PoolingOption pooling;

    @Mixin private MaxPixelsOption maxPixels;

    @Mixin private TokenizerOption tokenizer;

    @Mixin private WeightsOption weights;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws InterruptedException {
        Output output = Output.of(spec);
        weights.check();
        compile.check();
        pooling.check();
        ServeOptions options = options();
        ModelSource read = weights.on(model.resolve());
        refuseUnread(read.spec().input());
        ModelSource chosen = pooling.on(read);
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.apply(network, output);
            Optional<Tokenizer> found = tokenizer.open().or(() -> Tokenizers.of(chosen));
            try (Tokenizer encoder = found.orElse(null)) {
                serve(
                        ServedModel.of(name == null ? chosen.label() : name, network, encoder),
                        options,
                        output);
            }
        }
        return 0;
    }

    /** Fails if an option was given that this kind of model does not read. */
    private void refuseUnread(InputSpec input) {
        if (input instanceof InputSpec.Image
                && (tokenizer.isGiven()
                        || pooling.isGiven()
                        || cacheType.isGiven()
                        || chat != null)) {
            throw Options.wrong(
                    spec,
                    "--tokenizer, --pooling, --cache-dtype and --chat-format are for models of"
                            + " text, but %s reads images",
                    model.text());
        }
        if (input instanceof InputSpec.Tokens && maxPixels.isGiven()) {
            throw Options.wrong(
                    spec, "--max-pixels is for models of images, but %s reads text", model.text());
        }
    }

    private ServeOptions options() {
        if (port < 0 || port > 0xffff) {
            throw Options.wrong(spec, "--port must be in [0, 65535], got %d", port);
        }
        Options.atLeast(spec, "--max-batch", maxBatch, 1);
        Options.atLeast(spec, "--max-positions", maxPositions, 1);
        Options.atLeast(spec, "--batch-delay", delay, 0);
        Options.atLeast(spec, "--queue", queue, 1);
        Options.atLeast(spec, "--timeout", timeout, 1);
        Options.atLeast(spec, "--max-body", maxBody, 1);
        Options.atLeast(spec, "--max-new-tokens", maxNewTokens, 1);
        if (maxBody * MIB > Integer.MAX_VALUE / 2) {
            throw Options.wrong(spec, "--max-body must be at most 1023, got %d", maxBody);
        }
        Limits limits =
                Limits.DEFAULT.withBodyBytes((int) (maxBody * MIB)).withNewTokens(maxNewTokens);
        if (maxPixels.isGiven()) {
            limits = limits.withImagePixels(maxPixels.reader(spec).maxPixels());
        }
        Batching batching =
                new Batching(
                        maxBatch,
                        maxPositions,
                        Duration.ofMillis(delay),
                        queue,
                        whenFull,
                        Duration.ofSeconds(timeout));
        return new ServeOptions(
                host,
                port,
                batching,
                limits,
                chat,
                cacheType.type(),
                ServeOptions.DEFAULT.shutdown());
    }

    private void serve(ServedModel served, ServeOptions options, Output output)
            throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        try (ExitGuard guard = new ExitGuard(stop::countDown);
                ModelServer server = ModelServer.start(served, options)) {
            if (cacheType.isGiven() && !server.tasks().contains("completions")) {
                throw Options.wrong(
                        spec,
                        "--cache-dtype is for models that generate text, but %s has the tasks %s",
                        model.text(),
                        String.join(", ", server.tasks()));
            }
            output.result(
                    "serving  %s at %s (%s)",
                    served.name(), server.url(), String.join(", ", server.tasks()));
            stop.await();
            output.note("stopping after the running requests");
        }
    }
}
