package io.residuum.residual;

import io.residuum.residual.stream.ReadSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Use;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Solves the differential equation {@code dx/dt = F(x)} by explicit Runge-Kutta steps of equal size
 * with one set of weights (Chen et al. 2018, arXiv:1806.07366; Lu et al. 2018, arXiv:1710.10121,
 * Section 2). A residual unit with tied weights is a step of Euler's method. The parameters of F
 * are below {@code 0.f}, whatever the method, so that a network trained by one method loads into
 * another.
 *
 * @param method {@code euler}, {@code midpoint}, {@code heun} or {@code rk4}, of order 1, 2, 2 and
 *     4. Default: euler
 * @param steps the number of steps. Default: 1
 * @param time the time from the input to the output. Default: 1
 * @param layer F, which keeps the shape
 */
@WithBuilder
@TypeName("ode")
public record Ode(
        @Default("\"\"") String name,
        @Default("\"euler\"") Method method,
        @Default("1") int steps,
        @Default("1.0") double time,
        LayerSpec layer)
        implements Family, OdeBuilder.With {

    private static final String INPUT = "input";
    private static final String F = "f";

    /** The explicit Runge-Kutta methods in which a stage reads the stage before. */
    public enum Method {
        /** Euler's method, order 1. */
        EULER(new double[] {}, 1),
        /** The midpoint method, order 2. */
        MIDPOINT(new double[] {1 / 2.}, 0, 1),
        /** Heun's method, order 2: the mean of the slopes at both ends. */
        HEUN(new double[] {1}, 1 / 2., 1 / 2.),
        /** The classical method of Runge and Kutta, order 4. */
        RK4(new double[] {1 / 2., 1 / 2., 1}, 1 / 6., 1 / 3., 1 / 3., 1 / 6.);

        private final double[] stages;
        private final double[] weights;

        Method(double[] stages, double... weights) {
            this.stages = stages;
            this.weights = weights;
        }
    }

    public Ode {
        Check.positive("steps", steps);
        Check.finite("time", time);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return withLayer(change.apply(layer));
    }

    /** {@return the steps as a tied repeat of a graph, whose sums are residual units} */
    @Override
    public LayerSpec expand() {
        return new Repeat(name, steps, step(time / steps), true);
    }

    private LayerGraph step(double h) {
        List<LayerNode> nodes = new ArrayList<>();
        String at = INPUT;
        for (int i = 0; i < method.weights.length; i++) {
            String slope = "k" + (i + 1);
            LayerSpec f = i == 0 ? slope() : new Use("f" + (i + 1), F);
            nodes.add(LayerNode.of(f).from(at).to(slope));
            if (i < method.stages.length) {
                at = "x" + (i + 2);
                nodes.add(sum(at, INPUT, h * method.stages[i], slope));
            }
        }
        String y = INPUT;
        for (int i = 0; i < method.weights.length; i++) {
            if (method.weights[i] != 0) {
                String sum = "y" + (i + 1);
                nodes.add(sum(sum, y, h * method.weights[i], "k" + (i + 1)));
                y = sum;
            }
        }
        return new LayerGraph(nodes);
    }

    private LayerSpec slope() {
        return layer instanceof Sequential sequence ? sequence.named(F) : new Sequential(F, layer);
    }

    /** Adds a multiple of a slope to a state. */
    private static LayerNode sum(String name, String state, double factor, String slope) {
        Residual unit =
                Residual.builder(name, new Activation("", ActivationSpec.NONE))
                        .read(new ReadSpec.Value(slope))
                        .scale(new ScaleSpec.Constant(factor))
                        .build();
        return LayerNode.of(unit).from(state);
    }
}
