package io.residuum.model;

import io.residuum.residual.Ode;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;

/**
 * Changes the method by which a network solves its differential equations, such as Runge-Kutta
 * instead of the Euler steps of its training. Parameters stay.
 */
public final class OdeSolver {
    private final Ode.Method method;
    private final int steps;
    private int found;

    private OdeSolver(Ode.Method method, int steps) {
        this.method = method;
        this.steps = steps;
    }

    /**
     * Changes all layers {@code ode} of a network.
     *
     * @param steps the number of steps; 0 for the number used before
     * @throws SpecException if the network has no such layer
     */
    public static void change(Network network, Ode.Method method, int steps) {
        Check.notNegative("steps", steps);
        ModelSpec spec = network.spec();
        OdeSolver solver = new OdeSolver(method, steps);
        ModelSpec changed = spec.withNetwork(solver.changed(spec.network()));
        Check.that(
                solver.found > 0,
                "a network needs a layer of type ode to change its solver, found none in %s",
                spec.name());
        network.lock.change(
                () -> {
                    ModelMetadata metadata = network.metadata();
                    network.adaptTo(changed, 0);
                    network.setMetadata(metadata);
                });
    }

    private LayerSpec changed(LayerSpec layer) {
        LayerSpec inside = layer.withLayers(this::changed);
        if (!(inside instanceof Ode ode)) {
            return inside;
        }
        found++;
        return ode.with().method(method).steps(steps == 0 ? ode.steps() : steps).build();
    }
}
