package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
 * A training graph as segments. The forward pass keeps only the arrays between segments. The
 * backward pass goes from the last segment to the first and recomputes each, recorded.
 */
final class CheckpointedProgram implements AutoCloseable {
    private final Backend backend;
    private final List<SegmentPrograms> parts = new ArrayList<>();
    private final List<String> inputs;
    private final Map<String, NDArray> weights;

    /** The names of arrays between segments that have a gradient. */
    private final Set<String> differentiable;

    /**
     * The names of weights and arrays between segments that get gradients from several segments.
     */
    private final Set<String> shared = new HashSet<>();

    /**
     * A segment with its programs.
     *
     * @param reads the names of the inputs
     * @param forward the program of the forward pass
     * @param recomputation the program of the backward pass, often the same one
     */
    private record SegmentPrograms(
            CheckpointSegment segment, List<String> reads, Program forward, Program recomputation) {
        void close() {
            forward.close();
            recomputation.close();
        }
    }

    /**
     * Compiles the segments of a graph.
     *
     * @param graph the graph, as in training
     * @param weights an array per weight; trained ones have a gradient already
     * @param target compiles the segments
     * @param owner the owner of what programs keep
     * @param backend the backend of all these
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
        this.differentiable = differentiable(segments, weights);
        Set<String> once = new HashSet<>();
        for (CheckpointSegment segment : segments) {
            CheckpointSegment recomputed = segment.forRecomputation();
            Program forward = target.program(segment.graph(), weights, List.of(), owner);
            boolean differs = recomputed != segment && !segment.writes().isEmpty();
            Program recomputation =
                    differs
                            ? target.program(recomputed.graph(), weights, List.of(), owner)
                            : forward;
            List<String> reads = List.copyOf(segment.graph().inputs().keySet());
            parts.add(new SegmentPrograms(segment, reads, forward, recomputation));
            namesWithGradient(segment)
                    .forEach(
                            name -> {
                                if (!once.add(name)) {
                                    shared.add(name);
                                }
                            });
        }
    }

    /** Returns the names that depend on a trained weight through floating-point arrays. */
    private static Set<String> differentiable(
            List<CheckpointSegment> segments, Map<String, NDArray> weights) {
        Set<String> differentiable = new HashSet<>();
        for (CheckpointSegment segment : segments) {
            Set<Node> trained = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : segment.graph().nodes()) {
                Operation operation = node.operation();
                boolean depends =
                        operation instanceof Leaf.Weight w && hasGradient(weights.get(w.path()))
                                || operation instanceof Leaf.Input i
                                        && differentiable.contains(i.name())
                                || node.inputs().stream().anyMatch(trained::contains);
                if (depends && node.type().isFloating()) {
                    trained.add(node);
                }
            }
            for (int i = 0; i < segment.writes().size(); i++) {
                if (trained.contains(segment.graph().outputs().get(i))) {
                    differentiable.add(segment.writes().get(i));
                }
            }
        }
        return differentiable;
    }

    private static boolean hasGradient(@Nullable NDArray weight) {
        return weight != null && weight.hasGradient();
    }

    /**
     * Returns the trained weights of a segment, and its inputs from other segments that have
     * gradients.
     */
    private List<String> namesWithGradient(CheckpointSegment segment) {
        List<String> names = new ArrayList<>();
        segment.graph().weights().stream()
                .filter(path -> hasGradient(weights.get(path)))
                .forEach(names::add);
        segment.graph().inputs().keySet().stream()
                .filter(differentiable::contains)
                .forEach(names::add);
        return names;
    }

    /**
     * Runs the forward pass while a gradient collector is open or recording is paused.
     *
     * @param given the inputs of the graph, then its draws
     * @return the outputs, with their backward pass
     */
    ForwardResult record(NDList given) {
        return new Pass(given);
    }

    private boolean isRandom() {
        return parts.stream().anyMatch(part -> part.segment().isRandom());
    }

    @Override
    public void close() {
        parts.forEach(SegmentPrograms::close);
    }

    /** A forward pass with its backward pass. */
    private final class Pass implements ForwardResult {
        private final Map<String, NDArray> values = new HashMap<>();
        private final NDManager manager;
        private final GradientSums sums;
        private final NDList draws;
        private final @Nullable SegmentSeeds seeds;
        private final NDList outputs;

        Pass(NDList given) {
            manager = given.head().getManager();
            sums = new GradientSums(manager);
            for (int i = 0; i < inputs.size(); i++) {
                values.put(inputs.get(i), given.get(i));
            }
            draws = given.subNDList(inputs.size());
            int last = parts.size() - 1;
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                seeds = isRandom() ? SegmentSeeds.draw(backend) : null;
                for (int i = 0; i < last; i++) {
                    NDList results = run(i, parts.get(i).forward());
                    List<String> names = parts.get(i).segment().writes();
                    for (int j = 0; j < names.size(); j++) {
                        values.put(names.get(j), results.get(j));
                    }
                }
            }
            outputs = runRecorded(last, parts.get(last).forward());
        }

        private NDList run(int i, Program program) {
            SegmentPrograms part = parts.get(i);
            if (seeds != null && part.segment().isRandom()) {
                seeds.begin(i);
            }
            NDList arguments = new NDList();
            part.reads().forEach(name -> arguments.add(value(name)));
            arguments.addAll(draws);
            return program.run(arguments);
        }

        private NDArray value(String name) {
            return Objects.requireNonNull(values.get(name), name);
        }

        private NDList runRecorded(int i, Program program) {
            for (String name : parts.get(i).reads()) {
                if (differentiable.contains(name) && !value(name).hasGradient()) {
                    value(name).setRequiresGradient(true);
                }
            }
            return run(i, program);
        }

        @Override
        public NDList outputs() {
            return outputs;
        }

        @Override
        public void backward(GradientCollector collector, NDArray target) {
            collector.backward(target);
            int last = parts.size() - 1;
            accumulate(last);
            for (int i = last - 1; i >= 0; i--) {
                recompute(i, collector);
            }
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                sums.write(path -> Objects.requireNonNull(weights.get(path)));
            }
        }

        /**
         * Recomputes a segment and takes its gradients, after all segments that read its outputs.
         */
        private void recompute(int i, GradientCollector collector) {
            SegmentPrograms part = parts.get(i);
            List<String> names = part.segment().writes();
            NDManager scratch = manager.newSubManager();
            Map<String, NDArray> gradients = new HashMap<>();
            for (String name : names) {
                if (differentiable.contains(name)) {
                    gradients.put(name, gradient(name, scratch));
                }
                Objects.requireNonNull(values.remove(name)).close();
            }
            if (!gradients.isEmpty()) {
                NDList results = runRecorded(i, part.recomputation());
                results.attach(scratch);
                collector.backward(scalar(names, results, gradients));
                accumulate(i);
            }
            scratch.close();
        }

        /** Returns a scalar whose gradients by the results are the given ones. */
        private NDArray scalar(List<String> names, NDList results, Map<String, NDArray> gradients) {
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
            NDArray sum = sums.take(name);
            NDArray gradient = sum == null ? value(name).getGradient() : sum;
            gradient.attach(scratch);
            return gradient;
        }

        /** Sums shared gradients on MXNet, which would overwrite those of another segment. */
        private void accumulate(int i) {
            if (!backend.ops().overwritesGradients()) {
                return;
            }
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                for (String name : namesWithGradient(parts.get(i).segment())) {
                    if (shared.contains(name)) {
                        NDArray weight = weights.get(name);
                        try (NDArray gradient =
                                (weight == null ? value(name) : weight).getGradient()) {
                            sums.add(name, gradient);
                        }
                    }
                }
            }
        }
    }
}
