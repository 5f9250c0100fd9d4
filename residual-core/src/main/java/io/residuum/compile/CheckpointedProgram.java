package io.residuum.compile;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A training graph as segments, of which the forward pass keeps only what one hands to another. The
 * backward pass goes from the last segment to the first and computes each again, recorded.
 */
final class CheckpointedProgram implements AutoCloseable {
    /** Floats hold every whole number below. */
    private static final int SEEDS = 1 << 24;

    private final Backend backend;
    private final List<Part> parts = new ArrayList<>();
    private final List<String> inputs;
    private final Map<String, NDArray> weights;

    /** The names of arrays with a gradient among those that segments hand on. */
    private final Set<String> followed;

    /** Weights and what is handed on, with gradients from several segments. */
    private final Set<String> shared = new HashSet<>();

    /**
     * A segment and its programs.
     *
     * @param first for the forward pass
     * @param again for the backward pass; the same where nothing differs
     */
    private record Part(
            CheckpointSegment segment, List<String> reads, Program first, Program again) {
        void close() {
            first.close();
            again.close();
        }
    }

    /**
     * Makes the programs.
     *
     * @param graph computes as in training
     * @param weights an array for each weight; those that are trained have a gradient by now
     * @param target runs the segments
     * @param owner what programs keep belongs to this manager
     * @param backend of all these
     */
    CheckpointedProgram(
            Graph graph,
            Map<String, NDArray> weights,
            Target target,
            NDManager owner,
            Backend backend) {
        this.backend = backend;
        this.weights = weights;
        this.inputs = List.copyOf(graph.inputs().keySet());
        List<CheckpointSegment> segments = CheckpointSegment.of(graph);
        this.followed = followed(segments, weights);
        Set<String> once = new HashSet<>();
        for (CheckpointSegment segment : segments) {
            CheckpointSegment again = segment.again();
            Program first = target.program(segment.graph(), weights, List.of(), owner);
            boolean differs = again != segment && !segment.writes().isEmpty();
            Program second =
                    differs ? target.program(again.graph(), weights, List.of(), owner) : first;
            List<String> reads = List.copyOf(segment.graph().inputs().keySet());
            parts.add(new Part(segment, reads, first, second));
            differentiated(segment)
                    .forEach(
                            name -> {
                                if (!once.add(name)) {
                                    shared.add(name);
                                }
                            });
        }
    }

    /** Returns the names that depend on a trained weight by numbers that have gradients. */
    private static Set<String> followed(
            List<CheckpointSegment> segments, Map<String, NDArray> weights) {
        Set<String> followed = new HashSet<>();
        for (CheckpointSegment segment : segments) {
            Set<Node> trained = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : segment.graph().nodes()) {
                Operation operation = node.operation();
                boolean depends =
                        operation instanceof Leaf.Weight w && hasGradient(weights.get(w.path()))
                                || operation instanceof Leaf.Input i && followed.contains(i.name())
                                || node.inputs().stream().anyMatch(trained::contains);
                if (depends && node.type().isFloating()) {
                    trained.add(node);
                }
            }
            for (int i = 0; i < segment.writes().size(); i++) {
                if (trained.contains(segment.graph().outputs().get(i))) {
                    followed.add(segment.writes().get(i));
                }
            }
        }
        return followed;
    }

    private static boolean hasGradient(@Nullable NDArray weight) {
        return weight != null && weight.hasGradient();
    }

    /** The trained weights of a segment, and what it reads of other segments. */
    private List<String> differentiated(CheckpointSegment segment) {
        List<String> names = new ArrayList<>();
        segment.graph().weights().stream()
                .filter(path -> hasGradient(weights.get(path)))
                .forEach(names::add);
        segment.graph().inputs().keySet().stream().filter(followed::contains).forEach(names::add);
        return names;
    }

    /**
     * Computes the output; a gradient collector is open, or recording is paused.
     *
     * @param given the inputs of the graph, then its draws
     * @return what the backward pass starts from
     */
    ForwardResult record(NDList given) {
        return new Pass(given);
    }

    @Override
    public void close() {
        parts.forEach(Part::close);
    }

    /** One forward pass and its backward pass. */
    private final class Pass implements ForwardResult {
        private final Map<String, NDArray> values = new HashMap<>();
        private final Map<String, NDArray> sums = new HashMap<>();
        private final NDManager manager;
        private final NDList draws;
        private final long seed;
        private final NDArray output;

        Pass(NDList given) {
            manager = given.head().getManager();
            for (int i = 0; i < inputs.size(); i++) {
                values.put(inputs.get(i), given.get(i));
            }
            draws = given.subNDList(inputs.size());
            int last = parts.size() - 1;
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                seed = seed();
                for (int i = 0; i < last; i++) {
                    NDList results = run(i, parts.get(i).first());
                    List<String> names = parts.get(i).segment().writes();
                    for (int j = 0; j < names.size(); j++) {
                        values.put(names.get(j), results.get(j));
                    }
                }
            }
            output = recorded(last, parts.get(last).first()).head();
        }

        /** From the engine's generator, so that seeding that decides all. */
        private long seed() {
            if (parts.stream().noneMatch(p -> p.segment().isRandom())) {
                return 0;
            }
            // There, a GPU need not be waited for.
            try (NDManager cpu = backend.manager().newSubManager(Device.cpu());
                    NDArray drawn = cpu.randomUniform(0, SEEDS, new Shape(1))) {
                return (long) drawn.getFloat();
            }
        }

        private NDList run(int i, Program program) {
            Part part = parts.get(i);
            if (part.segment().isRandom()) {
                // The same numbers whenever the segment runs in this pass.
                backend.seed(seed + (long) i * SEEDS);
            }
            NDList arguments = new NDList();
            part.reads().forEach(name -> arguments.add(value(name)));
            arguments.addAll(draws);
            return program.run(arguments);
        }

        private NDArray value(String name) {
            return Objects.requireNonNull(values.get(name), name);
        }

        private NDList recorded(int i, Program program) {
            for (String name : parts.get(i).reads()) {
                if (followed.contains(name) && !value(name).hasGradient()) {
                    value(name).setRequiresGradient(true);
                }
            }
            return run(i, program);
        }

        @Override
        public NDArray output() {
            return output;
        }

        @Override
        public void backward(GradientCollector collector, NDArray target) {
            collector.backward(target);
            int last = parts.size() - 1;
            add(last);
            for (int i = last - 1; i >= 0; i--) {
                again(i, collector);
            }
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                sums.forEach(
                        (path, sum) -> {
                            NDArray weight = Objects.requireNonNull(weights.get(path));
                            try (NDArray gradient = weight.getGradient()) {
                                sum.copyTo(gradient);
                            }
                        });
            }
        }

        /** All that read what this segment handed on have been through their backward pass. */
        private void again(int i, GradientCollector collector) {
            Part part = parts.get(i);
            List<String> names = part.segment().writes();
            NDManager scratch = manager.newSubManager();
            Map<String, NDArray> gradients = new HashMap<>();
            for (String name : names) {
                if (followed.contains(name)) {
                    gradients.put(name, gradient(name, scratch));
                }
                Objects.requireNonNull(values.remove(name)).close();
            }
            if (!gradients.isEmpty()) {
                NDList results = recorded(i, part.again());
                results.attach(scratch);
                collector.backward(target(names, results, gradients));
                add(i);
            }
            scratch.close();
        }

        /** A number whose gradients by the results are the given ones. */
        private NDArray target(List<String> names, NDList results, Map<String, NDArray> gradients) {
            NDArray target = null;
            for (int j = 0; j < names.size(); j++) {
                NDArray gradient = gradients.get(names.get(j));
                if (gradient != null) {
                    NDArray product = results.get(j).mul(gradient).sum();
                    target = target == null ? product : target.add(product);
                }
            }
            return Objects.requireNonNull(target);
        }

        private NDArray gradient(String name, NDManager scratch) {
            NDArray sum = sums.remove(name);
            NDArray gradient = sum == null ? value(name).getGradient() : sum;
            gradient.attach(scratch);
            return gradient;
        }

        /** MXNet would overwrite the gradient of what another segment reads too. */
        private void add(int i) {
            if (!backend.ops().overwritesGradients()) {
                return;
            }
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                for (String name : differentiated(parts.get(i).segment())) {
                    if (shared.contains(name)) {
                        NDArray weight = weights.get(name);
                        try (NDArray gradient =
                                (weight == null ? value(name) : weight).getGradient()) {
                            add(name, gradient);
                        }
                    }
                }
            }
        }

        private void add(String name, NDArray gradient) {
            NDArray sum = sums.get(name);
            if (sum == null) {
                NDArray copy = gradient.duplicate();
                copy.attach(manager);
                sums.put(name, copy);
            } else {
                sum.addi(gradient);
            }
        }
    }
}
