package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.InSequence;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.nn.SequenceRunner;
import io.residuum.nn.invert.Inverse;
import io.residuum.nn.invert.Recomputable;
import io.residuum.nn.trait.Reseedable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network layer by layer and keeps few activations. Residual units in sequence run without
 * recording. Training keeps their inputs and recomputes each unit in the backward pass (Chen et al.
 * 2016, arXiv:1604.06174). It does not keep the input of an invertible unit, but computes it from
 * the unit's output (Gomez et al. 2017, arXiv:1707.04585), unless too many roundings would add up.
 * Other layers are recorded as usual.
 */
public final class Recomputation {
    /** The growth of rounding errors at which the input of an invertible unit is kept. */
    private static final double LARGEST_GAIN = 4;

    private final Layer network;
    private final Backend backend;
    private final Ops ops;
    private final Function<NDList, ForwardPass> begin;

    /** The layers between which one array alone crosses from earlier to later ones. */
    private final Set<Layer> spine = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<Layer, Unit> units = new IdentityHashMap<>();

    /** The parameters whose gradients come from several backward passes, by path. */
    private final Map<String, Parameter> shared = new LinkedHashMap<>();

    /**
     * A unit.
     *
     * @param inverse its inverse; null if it has none
     * @param draws its layers that draw random numbers in Java
     * @param tied true if the network runs it several times
     */
    private record Unit(@Nullable Inverse inverse, List<Reseedable> draws, boolean tied) {}

    /**
     * Finds the units.
     *
     * @param network an initialized network
     * @param begin begins a forward pass in training
     * @throws IllegalArgumentException if the network has heads that are no outputs
     */
    public Recomputation(Layer network, Backend backend, Function<NDList, ForwardPass> begin) {
        OneOutput.requireNoUnreadHead(network, "training");
        this.network = network;
        this.backend = backend;
        this.ops = backend.ops();
        this.begin = begin;
        Map<Layer, Integer> runs = new IdentityHashMap<>();
        count(network, runs);
        Set<Parameter> once = Collections.newSetFromMap(new IdentityHashMap<>());
        runs.forEach(
                (layer, times) -> {
                    if (layer instanceof Recomputable unit) {
                        Inverse inverse = unit.inverse().orElse(null);
                        units.put(layer, new Unit(inverse, draws(layer), times > 1));
                        if (times == 1) {
                            once.addAll(layer.namedParameters().values());
                        }
                    }
                });
        spine.addAll(runs.keySet());
        network.namedParameters()
                .forEach(
                        (path, parameter) -> {
                            if (!once.contains(parameter)) {
                                shared.put(path, parameter);
                            }
                        });
    }

    /** Counts how often the layers run between which one array alone is alive. */
    private static void count(Layer layer, Map<Layer, Integer> runs) {
        runs.merge(layer, 1, Integer::sum);
        inSequence(layer).forEach(inner -> count(inner, runs));
    }

    private static List<Layer> inSequence(Layer layer) {
        return layer instanceof InSequence several ? several.sequence() : List.of();
    }

    private static List<Reseedable> draws(Layer layer) {
        List<Reseedable> draws = new ArrayList<>();
        layer.walk(
                (path, below) -> {
                    if (below instanceof Reseedable random) {
                        draws.add(random);
                    }
                });
        return draws;
    }

    /** {@return the number of units that it recomputes} */
    public int units() {
        return units.size();
    }

    /** {@return the number of units whose inputs are computed from their outputs} */
    public int inverted() {
        return (int) units.values().stream().filter(unit -> unit.inverse() != null).count();
    }

    /**
     * Computes the outputs while a gradient collector is open.
     *
     * @param inputs the inputs of the network
     * @return the outputs, with their backward pass
     */
    public ForwardResult record(NDList inputs) {
        return new Pass(inputs);
    }

    /** Units in sequence, the first of which reads a recorded array. */
    private static final class Run {
        final NDArray front;
        final List<Step> steps = new ArrayList<>();
        NDArray output;
        double gain = 1;

        Run(NDArray front) {
            this.front = front;
            this.output = front;
        }
    }

    /**
     * One unit of a run.
     *
     * @param input its input; null if the backward pass computes it from the output
     * @param index the number of the unit in the pass
     */
    private record Step(Layer layer, @Nullable NDArray input, int index) {}

    /** The state at one point of the backward pass, with its gradient. */
    private record State(NDArray value, NDArray gradient) {
        void close() {
            value.close();
            gradient.close();
        }
    }

    /** A forward pass with its backward pass. */
    private final class Pass implements ForwardResult, SequenceRunner {
        private final NDManager manager;
        private final SegmentSeeds seeds;
        private final ForwardPass forward;
        private final List<Run> runs = new ArrayList<>();
        private final GradientSums sums;
        private final NDList outputs;
        private int count;

        Pass(NDList inputs) {
            manager = inputs.head().getManager();
            sums = new GradientSums(manager);
            try (Ops.Pause pause = ops.pauseRecording()) {
                seeds = SegmentSeeds.draw(backend);
            }
            forward = begin.apply(inputs).withRunner(this);
            outputs = network.forward(forward, new NDList(inputs.head()));
            outputs.forEach(this::requireGradient);
        }

        @Override
        public NDList outputs() {
            return outputs;
        }

        @Override
        public NDList run(ForwardPass pass, List<Layer> layers, NDList inputs) {
            if (!spine.containsAll(layers)) {
                return SequenceRunner.IN_ORDER.run(pass, layers, inputs);
            }
            NDList values = inputs;
            for (Layer layer : layers) {
                Unit unit = units.get(layer);
                if (unit != null && values.size() == 1) {
                    values = new NDList(step(pass, layer, unit, values.head()));
                } else {
                    if (inSequence(layer).isEmpty()) {
                        values.forEach(this::requireGradient);
                    }
                    values = SequenceRunner.IN_ORDER.run(pass, List.of(layer), values);
                }
            }
            return values;
        }

        /** Makes the output of a run a leaf of the graph that is recorded after it. */
        private void requireGradient(NDArray value) {
            if (!runs.isEmpty() && last().output == value) {
                value.setRequiresGradient(true);
            }
        }

        private Run last() {
            return runs.get(runs.size() - 1);
        }

        /** Computes a unit without recording. */
        private NDArray step(ForwardPass pass, Layer layer, Unit unit, NDArray x) {
            if (runs.isEmpty() || last().output != x || x.hasGradient()) {
                runs.add(new Run(x));
            }
            Run run = last();
            Inverse inverse = unit.inverse();
            double gain = inverse == null ? LARGEST_GAIN : run.gain * inverse.gain();
            boolean keeps = run.steps.isEmpty() || inverse == null || gain >= LARGEST_GAIN;
            run.gain = keeps ? 1 : gain;
            run.steps.add(new Step(layer, keeps ? x : null, count));
            seed(unit, count);
            count++;
            NDManager scratch = manager.newSubManager();
            try (Ops.Pause pause = ops.pauseRecording()) {
                NDArray in = view(x, scratch);
                NDArray y = outputOf(layer, pass, in);
                run.output = y == in ? y.duplicate() : y;
                run.output.attach(manager);
            }
            scratch.close();
            if (!keeps) {
                x.close();
            }
            return run.output;
        }

        private static NDArray outputOf(Layer layer, ForwardPass pass, NDArray x) {
            return SequenceRunner.IN_ORDER
                    .run(pass, List.of(layer), new NDList(x))
                    .singletonOrThrow();
        }

        /** Seeds the draws of a unit, in the forward pass and again in the backward pass. */
        private void seed(Unit unit, int index) {
            seeds.begin(index);
            for (int i = 0; i < unit.draws().size(); i++) {
                unit.draws().get(i).reseed(seeds.of(index) + i);
            }
        }

        @Override
        public void backward(GradientCollector collector, NDArray target) {
            ForwardPass again = forward.forRecomputation();
            collector.backward(target);
            sumShared();
            for (int i = runs.size() - 1; i >= 0; i--) {
                backward(collector, again, runs.get(i));
            }
            try (Ops.Pause pause = ops.pauseRecording()) {
                sums.write(path -> Objects.requireNonNull(shared.get(path)).getArray());
            }
        }

        private void backward(GradientCollector collector, ForwardPass again, Run run) {
            State state;
            try (Ops.Pause pause = ops.pauseRecording()) {
                // A view, because the output may be the network's.
                state = new State(view(run.output, manager), run.output.getGradient());
            }
            for (int i = run.steps.size() - 1; i >= 0; i--) {
                Step step = run.steps.get(i);
                NDManager scratch = manager.newSubManager();
                State before =
                        step.input() == null
                                ? inverted(again, step, state, scratch, collector)
                                : recomputed(again, step, i == 0, state, scratch, collector);
                before.value().attach(manager);
                before.gradient().attach(manager);
                state.close();
                scratch.close();
                state = before;
                if (unit(step).tied()) {
                    sumShared();
                }
            }
            backward(collector, run.front, state.gradient());
            state.close();
            sumShared();
        }

        private State recomputed(
                ForwardPass again,
                Step step,
                boolean first,
                State after,
                NDManager scratch,
                GradientCollector collector) {
            NDArray input = Objects.requireNonNull(step.input());
            // The first one is part of the graph that was recorded before.
            NDArray x = first ? input.duplicate() : input;
            x.attach(scratch);
            x.setRequiresGradient(true);
            seed(unit(step), step.index());
            backward(collector, outputOf(step.layer(), again, x), after.gradient());
            return new State(x, x.getGradient());
        }

        private State inverted(
                ForwardPass again,
                Step step,
                State after,
                NDManager scratch,
                GradientCollector collector) {
            Inverse inverse = Objects.requireNonNull(unit(step).inverse());
            NDArray y = view(after.value(), scratch);
            NDArray dy = view(after.gradient(), scratch);
            NDArray u;
            try (Ops.Pause pause = ops.pauseRecording()) {
                // A copy, because it may be a view of y.
                u = inverse.branchInput(again, y).duplicate();
            }
            u.attach(scratch);
            u.setRequiresGradient(true);
            seed(unit(step), step.index());
            NDArray branch = inverse.branch(again, u);
            backward(collector, branch, dy);
            try (Ops.Pause pause = ops.pauseRecording()) {
                NDArray du = u.getGradient();
                du.attach(scratch);
                return new State(
                        inverse.input(again, y, branch), inverse.inputGradient(again, dy, du));
            }
        }

        private Unit unit(Step step) {
            return Objects.requireNonNull(units.get(step.layer()));
        }

        /** Runs a backward pass from an array with a given gradient. */
        private void backward(GradientCollector collector, NDArray y, NDArray gradient) {
            // A dropped branch, or the network's input, has no gradient. Engines refuse such
            // targets.
            NDArray zero = gradient.getManager().zeros(new Shape(1), y.getDataType());
            zero.setRequiresGradient(true);
            collector.backward(y.mul(gradient).sum().add(zero.sum()));
            zero.close();
        }

        private static NDArray view(NDArray x, NDManager owner) {
            NDArray view = x.reshape(x.getShape());
            view.attach(owner);
            return view;
        }

        /** Saves gradients from the next backward pass, which would overwrite them on MXNet. */
        private void sumShared() {
            if (!ops.overwritesGradients()) {
                return;
            }
            try (Ops.Pause pause = ops.pauseRecording()) {
                shared.forEach(
                        (path, parameter) -> {
                            if (parameter.getArray().hasGradient()) {
                                try (NDArray gradient = parameter.getArray().getGradient()) {
                                    sums.add(path, gradient);
                                    // Passes that do not use it leave it as it is.
                                    gradient.muli(0);
                                }
                            }
                        });
            }
        }
    }
}
