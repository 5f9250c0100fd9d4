package io.residuum.examples.cli.options;

import io.residuum.compile.CompileListener;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.emit.RuntimeChoice;
import io.residuum.model.Network;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options {@code --no-compile} and {@code --compute}. */
@HelpSection(HelpSection.ENGINE)
public final class CompileOption {

    /** With fewer batches a program would not save what making and checking it takes. */
    private static final int UNCOMPILED_RUNS = 4;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--no-compile",
            description =
                    "Run the network operation by operation. Default: compiled into one program,"
                            + " which is checked against the network; predict and embed compile"
                            + " for the fifth batch")
    private boolean no;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description =
                    "Precision of convolutions and matrix products: float32, or on PyTorch bfloat16"
                            + " or float16. Default: ${DEFAULT-VALUE}")
    private ComputeType compute;

    @Option(
            names = "--runtime",
            paramLabel = "engine|onnxruntime|auto",
            defaultValue = "engine",
            description =
                    "What runs the compiled network: the engine, onnxruntime, or auto: the faster"
                            + " one on the first inputs. Default: ${DEFAULT-VALUE}")
    private RuntimeChoice runtime;

    /** Fails unless the options go together. */
    public void check() {
        if (runtime != RuntimeChoice.ENGINE && (no || compute != ComputeType.FLOAT32)) {
            throw Options.wrong(
                    command,
                    "--runtime %s needs a network compiled in float32; leave out %s",
                    runtime,
                    no ? "--no-compile" : "--compute " + compute);
        }
        if (no && compute != ComputeType.FLOAT32) {
            throw Options.wrong(
                    command,
                    "--compute %s needs a compiled network; leave out --no-compile",
                    compute);
        }
    }

    /** Compiles a network unless turned off. The output says why it is not compiled. */
    public void apply(Network network, Output output) {
        apply(network, listener(output));
    }

    /** Compiles a network unless turned off. */
    public void apply(Network network, CompileListener listener) {
        apply(network, options(), listener);
    }

    /** Compiles a network for the fifth batch, unless turned off. */
    public void applyLater(Network network, Output output) {
        apply(network, options().withUncompiledRuns(UNCOMPILED_RUNS), listener(output));
    }

    private CompileOptions options() {
        return CompileOptions.of(compute).withRuntime(runtime);
    }

    private void apply(Network network, CompileOptions options, CompileListener listener) {
        check();
        if (!no) {
            network.compile(options, listener);
        }
    }

    private static CompileListener listener(Output output) {
        return new CompileListener() {
            @Override
            public void notCompiled(String reason) {
                output.warn(reason);
            }

            @Override
            public void runtimeChosen(RuntimeChoice choice, String why) {
                output.note("runtime  " + why);
            }
        };
    }

    public boolean isOn() {
        return !no;
    }

    /** {@return true if the network runs in float32 on the engine, compiled or not} */
    public boolean isPlain() {
        return compute == ComputeType.FLOAT32 && runtime == RuntimeChoice.ENGINE;
    }

    public RuntimeChoice runtime() {
        return runtime;
    }

    public ComputeType compute() {
        return compute;
    }
}
