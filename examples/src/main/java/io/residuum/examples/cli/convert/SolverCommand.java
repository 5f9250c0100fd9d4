package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Network;
import io.residuum.model.OdeSolver;
import io.residuum.residual.Ode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Changes the solver of a network's differential equations. */
@Command(
        name = "solver",
        description = {
            "Change the method by which a trained network solves its differential equations.",
            "",
            "Weights stay. So a network that was trained by Euler's method can be evaluated by"
                    + " Runge-Kutta, or with more steps.",
            ""
        },
        footer = {"  residuum solver runs/ode --method rk4 -o rk4.safetensors"})
@HelpSection("Weights and export")
public final class SolverCommand extends ChangeCommand {

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            required = true,
            description = "Method: euler, midpoint, heun or rk4.")
    private Ode.Method method;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "0",
            description = "Number of steps. Default: 0, the number used before")
    private int steps;

    @Override
    void change(Network network, Output output) {
        OdeSolver.change(network, method, steps);
    }
}
