package io.residuum.examples.cli.options;

import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.model.Network;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options {@code --no-compile} and {@code --compute}. */
@HelpSection(HelpSection.ENGINE)
public final class CompileOption {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--no-compile",
            description =
                    "Run the network operation by operation. Default: compiled into one program,"
                            + " which is checked against the network")
    private boolean no;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description =
                    "Precision of convolutions and matrix products: float32, or on PyTorch bfloat16"
                            + " or float16. Default: ${DEFAULT-VALUE}")
    private ComputeType compute;

    /** Fails unless the options go together. */
    public void check() {
        if (no && compute != ComputeType.FLOAT32) {
            throw Options.wrong(
                    command,
                    "--compute %s needs a compiled network; leave out --no-compile",
                    compute);
        }
    }

    /** Compiles a network unless turned off. The notes say why a network is not compiled. */
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
