package io.residuum.examples.cli.bench;

import io.residuum.compile.CompileListener;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the speed of a network. */
@Command(
        name = "bench",
        description = {
            "Benchmark a network on this machine, with random weights and data.",
            "",
            "The warm-up lasts until step times are steady. Then at least 10 steps and 3 seconds"
                    + " are measured. A training step is forward pass, loss, backward pass and"
                    + " optimizer: AdamW with gradient clipping for text, else SGD with momentum."
                    + " A generation step reads prompts and continues them greedily.",
            ""
        },
        footer = {"  residuum bench resnet50", "  residuum bench resnet50 --mode train --batch 16"})
@HelpSection("Analysis")
public final class BenchCommand implements Callable<Integer> {

    /** The time over which the share of Java is sampled. */
    private static final double OVERHEAD_MILLIS = 3000;

    private static final int PROMPT = 64;
    private static final int GENERATED = 64;

    enum Mode {
        INFER,
        TRAIN,
        GENERATE
    }

    /** The JSON form of the result. */
    private record Result(
            String model,
            String mode,
            int batch,
            boolean compiled,
            String compute,
            String runtime,
            boolean recomputeActivations,
            String engine,
            String engineVersion,
            String device,
            int steps,
            double medianMs,
            double p10Ms,
            double p90Ms,
            String unit,
            double samplesPerSecond,
            @Nullable Double overheadMicros,
            @Nullable Long peakResidentBytes,
            @Nullable Long deviceBytes) {}

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--mode",
            paramLabel = "infer|train|generate",
            defaultValue = "infer",
            description = "What to measure: infer, train or generate. Default: ${DEFAULT-VALUE}")
    private Mode mode;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Batch size. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            description =
                    "For text: sequence length in tokens, also of a source; for --mode generate, of"
                            + " the prompt."
                            + " Default: the model's context length; for --mode generate, 64")
    private @Nullable Integer length;

    @Option(names = "--tokens", paramLabel = "N", description = "Tokens to generate. Default: 64")
    private @Nullable Integer tokens;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Measure exactly N steps. Default: 10 or more, for 3 seconds")
    private @Nullable Integer steps;

    @Option(
            names = "--recompute-activations",
            description =
                    "For --mode train: activation checkpointing, which recomputes activations in"
                        + " the backward pass. Less memory, more time. Needs --engine pytorch, or"
                        + " --no-compile.")
    private boolean recomputeActivations;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    private boolean notCompiled;

    private @Nullable RuntimeChoice runtime;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        compile.check();
        if (mode == Mode.TRAIN && compile.runtime() != RuntimeChoice.ENGINE) {
            throw Options.wrong(
                    spec,
                    "--runtime %s is for --mode infer and generate: training runs on the engine",
                    compile.runtime());
        }
        if (recomputeActivations && mode != Mode.TRAIN) {
            throw Options.wrong(spec, "--recompute-activations is for --mode train");
        }
        if (steps != null) {
            Options.atLeast(spec, "--steps", steps, 1);
        }
        ModelSource chosen = model.resolve();
        int sequence = sequenceLength(chosen);
        int added = generatedTokens(chosen, sequence);
        try (Backend engine = backend.open(output);
                Network network = Network.create(chosen.spec(), engine, 0);
                Workload workload = workload(network, sequence, added, output)) {
            output.note("model    " + chosen.label() + ", batch " + batch + ", warming up ...");
            Stopwatch watch = Stopwatch.measure(workload::step, steps);
            Double overhead = overheadMicros(workload, watch);
            int each = mode == Mode.GENERATE ? added : Math.max(1, sequence);
            report(result(chosen, engine, watch, overhead, sequence > 0, each), output);
        }
        return 0;
    }

    /** {@return the number of tokens of a sample; 0 for other inputs} */
    private int sequenceLength(ModelSource chosen) {
        if (!(chosen.spec().input() instanceof InputSpec.Tokens text)) {
            if (length != null || mode == Mode.GENERATE) {
                throw Options.wrong(
                        spec,
                        "--length and --mode generate are for models that read tokens, but %s reads"
                                + " %s",
                        chosen.label(),
                        chosen.spec().input());
            }
            return 0;
        }
        int most = text.length();
        int wanted =
                length != null ? length : mode == Mode.GENERATE ? Math.min(most, PROMPT) : most;
        return Options.length(spec, wanted, chosen);
    }

    private int generatedTokens(ModelSource chosen, int sequence) {
        if (mode != Mode.GENERATE) {
            if (tokens != null) {
                throw Options.wrong(spec, "--tokens is for --mode generate");
            }
            return 0;
        }
        int most = ((InputSpec.Tokens) chosen.spec().input()).length() - sequence + 1;
        int wanted = tokens != null ? tokens : Math.min(most, GENERATED);
        Options.atLeast(spec, "--tokens", wanted, 1);
        if (wanted > most) {
            throw Options.wrong(
                    spec,
                    "--tokens must be at most %d after a prompt of %d, the context of %s, got %d",
                    most,
                    sequence,
                    chosen.label(),
                    wanted);
        }
        return wanted;
    }

    private Workload workload(Network network, int sequence, int added, Output output) {
        Workload.Inputs inputs = Workload.Inputs.of(network, batch, sequence);
        return switch (mode) {
            case INFER -> {
                compile.apply(network, listener(output));
                yield new Workload.Inference(network, inputs);
            }
            case TRAIN ->
                    new Workload.Training(
                            network,
                            inputs,
                            recipe ->
                                    recipe.compile(compile.isOn())
                                            .compute(compile.compute())
                                            .recomputeActivations(recomputeActivations),
                            note -> warnNotCompiled(note, output));
            case GENERATE -> {
                compile.apply(network, listener(output));
                yield new Workload.Generation(network, inputs, added);
            }
        };
    }

    private CompileListener listener(Output output) {
        return new CompileListener() {
            @Override
            public void notCompiled(String reason) {
                warnNotCompiled(reason, output);
            }

            @Override
            public void onnxRuntimeNotUsed(String reason) {
                runtime = RuntimeChoice.ENGINE;
                output.warn(reason);
            }

            @Override
            public void runtimeChosen(RuntimeChoice choice, String why) {
                runtime = choice;
                output.note("runtime  " + why);
            }
        };
    }

    /** Notes that the network runs operation by operation. */
    private void warnNotCompiled(String note, Output output) {
        notCompiled = true;
        runtime = RuntimeChoice.ENGINE;
        output.warn(note);
    }

    /** Samples other steps than those that are timed, because sampling costs time. */
    private @Nullable Double overheadMicros(Workload workload, Stopwatch watch) {
        int again = Math.max(1, (int) (OVERHEAD_MILLIS / watch.percentile(50)));
        if (steps != null) {
            again = Math.min(again, steps);
        }
        try (JavaShare share = new JavaShare()) {
            for (int i = 0; i < again; i++) {
                workload.step();
            }
            double part = share.value();
            return Double.isNaN(part) ? null : 1000 * part * watch.percentile(50);
        }
    }

    private Result result(
            ModelSource chosen,
            Backend engine,
            Stopwatch watch,
            @Nullable Double overhead,
            boolean text,
            int each) {
        double median = watch.percentile(50);
        return new Result(
                chosen.label(),
                mode.name().toLowerCase(Locale.ROOT),
                batch,
                compile.isOn() && !notCompiled,
                compile.compute().toString(),
                (runtime == null ? compile.runtime() : runtime).toString(),
                recomputeActivations,
                engine.engine().getEngineName(),
                engine.engine().getVersion(),
                engine.device().isGpu() ? "gpu:" + engine.device().getDeviceId() : "cpu",
                watch.steps(),
                median,
                watch.percentile(10),
                watch.percentile(90),
                text ? "tokens" : "images",
                batch * each * 1000 / median,
                overhead,
                Memory.peakResidentBytes(),
                Memory.deviceBytes(engine.device()));
    }

    private void report(Result r, Output output) {
        if (json) {
            output.json(r);
            return;
        }
        output.result(
                "%.2f ms per step of %d (median of %d; 10%% below %.2f, 90%% below %.2f),"
                        + " %.1f %s/s",
                r.medianMs(),
                batch,
                r.steps(),
                r.p10Ms(),
                r.p90Ms(),
                r.samplesPerSecond(),
                r.unit());
        Double overhead = r.overheadMicros();
        if (overhead != null) {
            output.result(
                    "%.0f microseconds per step (%.2f%%) in Java, outside the engine"
                            + " (sampled)",
                    overhead, overhead / r.medianMs() / 10);
        }
        Long peak = r.peakResidentBytes();
        output.result(
                peak == null
                        ? "peak resident memory unknown: only Linux reports it (/proc/self/status)"
                        : String.format(Locale.ROOT, "%,d MiB peak resident memory", peak >> 20));
    }
}
