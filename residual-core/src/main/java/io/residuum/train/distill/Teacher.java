package io.residuum.train.distill;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.DistillationLoss;
import io.residuum.loss.LossException;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.json.SpecJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A trained network that teaches another one. It never changes. */
public final class Teacher implements AutoCloseable {
    private final Network network;
    private final Distillation settings;

    /** The teacher's output for each output of the student. */
    private final Map<String, String> outputs = new LinkedHashMap<>();

    private final @Nullable Normalization normalization;

    /** Changes images that are normalized for the student into those that the teacher reads. */
    private record Normalization(double[] factors, double[] offsets) {
        static @Nullable Normalization between(InputSpec student, InputSpec teacher) {
            if (!(student instanceof InputSpec.Image from)
                    || !(teacher instanceof InputSpec.Image to)
                    || from.equals(to)) {
                return null;
            }
            int channels = from.shape().get(0);
            double[] factors = new double[channels];
            double[] offsets = new double[channels];
            for (int c = 0; c < channels; c++) {
                factors[c] = at(from.std(), c, 1) / at(to.std(), c, 1);
                offsets[c] = (at(from.mean(), c, 0) - at(to.mean(), c, 0)) / at(to.std(), c, 1);
            }
            return new Normalization(factors, offsets);
        }

        private static double at(List<Double> values, int channel, double absent) {
            return values.isEmpty() ? absent : values.get(channel);
        }

        NDArray apply(NDArray x) {
            DataType type = x.getDataType();
            Shape shape = new Shape(factors.length);
            return Ops.of(x.getManager())
                    .affine(
                            x,
                            1,
                            Values.create(x.getManager(), factors, shape, type),
                            Values.create(x.getManager(), offsets, shape, type));
        }
    }

    private Teacher(Network network, Distillation settings, Network student) {
        this.network = network;
        this.settings = settings;
        requireSameInput(student);
        Set<String> learners = student.outputShapes().keySet();
        if (settings.weight() > 0) {
            pair(learners);
        }
        settings.features().keySet().forEach(o -> requireOutput("features", o, learners));
        normalization = Normalization.between(student.spec().input(), network.spec().input());
    }

    /**
     * Loads a teacher.
     *
     * @param settings the teacher and what it teaches
     * @param student the network that learns; both run on its backend
     * @param compile true to compile the teacher
     * @param notes receives one line about why the teacher is not compiled
     * @return a teacher, to be closed by the caller
     * @throws LossException if the teacher has no weights, reads another input, or has other
     *     outputs than the settings name
     * @throws io.residuum.spec.SpecException if there is no such model
     * @throws io.residuum.weights.WeightsException if its weights cannot be read
     */
    public static Teacher open(
            Distillation settings, Network student, boolean compile, Consumer<String> notes) {
        ModelSource source = ModelSource.of(settings.teacher());
        if (source.weights().isEmpty()) {
            throw new LossException(
                    "the teacher must be a trained network, but \"%s\" has no weights: name the folder of its run, a saved model, or the folder of a model of another library"
                            .formatted(settings.teacher()));
        }
        Network network = source.open(student.backend());
        try {
            Teacher teacher = new Teacher(network, settings, student);
            if (compile) {
                network.compile(CompileOptions.DEFAULT, notes::accept);
            }
            return teacher;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private void requireSameInput(Network student) {
        InputSpec mine = network.spec().input();
        InputSpec theirs = student.spec().input();
        boolean same = mine.equals(theirs);
        if (mine instanceof InputSpec.Image a && theirs instanceof InputSpec.Image b) {
            same = a.shape().equals(b.shape());
        } else if (mine instanceof InputSpec.Tokens a && theirs instanceof InputSpec.Tokens b) {
            same = a.vocabulary() == b.vocabulary() && a.length() >= b.length();
        }
        if (!same) {
            throw new LossException(
                    "the teacher \"%s\" must read the input of the student, %s, but reads %s: give the student's spec this input, or choose another teacher"
                            .formatted(
                                    settings.teacher(),
                                    SpecJson.standard().compact(theirs),
                                    SpecJson.standard().compact(mine)));
        }
    }

    private void pair(Set<String> learners) {
        Set<String> mine = network.outputShapes().keySet();
        if (!settings.outputs().isEmpty()) {
            settings.outputs()
                    .forEach(
                            (student, teacher) -> {
                                requireOutput("outputs", student, learners);
                                if (!mine.contains(teacher)) {
                                    throw new LossException(
                                            "outputs of the distillation must name outputs of the teacher, %s, got \"%s\""
                                                    .formatted(mine, teacher));
                                }
                                outputs.put(student, teacher);
                            });
        } else if (learners.size() == 1 && mine.size() == 1) {
            outputs.put(learners.iterator().next(), mine.iterator().next());
        } else {
            learners.stream().filter(mine::contains).forEach(name -> outputs.put(name, name));
        }
        if (outputs.isEmpty()) {
            throw new LossException(
                    "a teacher must have an output of the student's, %s, but \"%s\" has %s: pair them in outputs of the distillation"
                            .formatted(learners, settings.teacher(), mine));
        }
    }

    private static void requireOutput(String key, String output, Collection<String> learners) {
        if (!learners.contains(output)) {
            throw new LossException(
                    "%s of the distillation must name outputs of the network, %s, got \"%s\""
                            .formatted(key, learners, output));
        }
    }

    /**
     * Runs the teacher, without recording.
     *
     * @param inputs the inputs of the student
     * @return the term of each output of the student; the arrays belong to the input's manager
     */
    public List<DistillationTerm> terms(NDList inputs) {
        Map<String, NDArray> found = compute(inputs);
        List<DistillationTerm> terms = new ArrayList<>();
        outputs.forEach((student, name) -> terms.add(ofOutput(student, found(found, name))));
        settings.features()
                .forEach((student, layer) -> terms.add(ofFeatures(student, found(found, layer))));
        return terms;
    }

    private static NDArray found(Map<String, NDArray> found, String name) {
        return Objects.requireNonNull(found.get(name), name);
    }

    private DistillationTerm ofOutput(String student, NDArray logits) {
        return new DistillationTerm(
                student,
                "teacher",
                settings.weight(),
                (shape, target) ->
                        settings.kind() == Distillation.Kind.HARD
                                ? DistillationLoss.hard(logits, shape, target)
                                : DistillationLoss.soft(
                                        logits, shape, settings.temperature(), target));
    }

    private DistillationTerm ofFeatures(String student, NDArray features) {
        return new DistillationTerm(
                student,
                "features",
                settings.featureWeight(),
                (shape, target) -> DistillationLoss.features(features, shape));
    }

    /** Computes outputs and features in one forward pass. */
    private Map<String, NDArray> compute(NDList given) {
        NDList inputs = given;
        if (normalization != null) {
            try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                inputs = new NDList(normalization.apply(given.head()));
                inputs.addAll(given.subNDList(1));
            }
        }
        if (settings.features().isEmpty()) {
            return network.predictAll(inputs);
        }
        Map<String, String> names = new LinkedHashMap<>();
        boolean single = network.outputShapes().size() == 1;
        outputs.values().forEach(name -> names.put(single ? "" : ":" + name, name));
        Set<String> wanted = new LinkedHashSet<>(names.keySet());
        wanted.addAll(settings.features().values());
        Map<String, NDArray> found = new LinkedHashMap<>();
        network.features(inputs, wanted)
                .forEach((name, y) -> found.put(names.getOrDefault(name, name), y));
        return found;
    }

    /** Frees the teacher. */
    @Override
    public void close() {
        network.close();
    }
}
