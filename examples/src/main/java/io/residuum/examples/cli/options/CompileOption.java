package io.residuum.examples.cli.options;

import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.model.Network;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Whether and how a network is run as a whole. */
public final class CompileOption {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--no-compile",
            description =
                    "Run the network operation by operation. Default: as one program of the engine,"
                            + " checked against its operations")
    private boolean no;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description =
                    "What convolutions and matrix products compute in: float32, or, on PyTorch,"
                            + " bfloat16 or float16. Default: ${DEFAULT-VALUE}")
    private ComputeType compute;

    /** Fails unless the options go together. */
    public void check() {
        if (no && compute != ComputeType.FLOAT32) {
            throw Options.wrong(
                    command, "--compute %s needs compiling: leave out --no-compile", compute);
        }
    }

    /** Has a network's predictions run as asked, and says why where they are not. */
    public void apply(Network network, Consumer<String> notes) {
        check();
        if (!no) {
            network.compile(CompileOptions.of(compute), notes);
        }
    }

    public boolean isOn() {
        return !no;
    }

    public ComputeType compute() {
        return compute;
    }
}
