package io.residuum.train.samples;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.loss.Target;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.train.TrainingBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The inputs and outputs that a network declares. Checks samples against them and makes batches, so
 * that errors name the input and do not come from an engine.
 */
public final class SampleLayout {
    /** The side input that hides padding, under the default name in attention. */
    private static final String MASK = "mask";

    private final String model;
    private final Map<String, InputSpec> inputs = new LinkedHashMap<>();
    private final SideInputs sideInputs;
    private final Map<String, Shape> outputs = new LinkedHashMap<>();

    /**
     * Reads the layout of a network.
     *
     * @param spec the network
     */
    public SampleLayout(ModelSpec spec) {
        Layer block = spec.newBlock();
        model = spec.name();
        for (NamedInput input : spec.input().all()) {
            inputs.put(input.name(), input.input());
        }
        sideInputs = block.sideInputs();
        List<Shape> shapes = block.outputShapes();
        for (int i = 0; i < shapes.size(); i++) {
            outputs.put(block.outputNames().get(i), shapes.get(i));
        }
    }

    /** {@return the kind and shape of each declared input by name, in order} */
    public Map<String, InputSpec> inputs() {
        return new LinkedHashMap<>(inputs);
    }

    /** {@return the shape of each output by name, with batch -1} */
    public Map<String, Shape> outputs() {
        return new LinkedHashMap<>(outputs);
    }

    /** {@return true if the network reads an input of this name, declared or a side input} */
    public boolean reads(String name) {
        return inputs.containsKey(name) || sideInputs.contains(name);
    }

    /** Returns true if an input of this name holds ids. */
    boolean readsIds(String name) {
        InputSpec declared = inputs.get(name);
        return declared == null
                ? sideInputs.find(name).filter(s -> s.kind() == SideInput.Kind.IDS).isPresent()
                : declared instanceof InputSpec.Tokens;
    }

    /** {@return the names of all inputs, side inputs included} */
    public Set<String> inputNames() {
        Set<String> names = new LinkedHashSet<>(inputs.keySet());
        sideInputs.all().forEach(input -> names.add(input.name()));
        return names;
    }

    /**
     * Checks samples and stacks their arrays.
     *
     * @param samples one sample or more
     * @throws DataException if a sample does not fit the network, or differs from the others
     */
    public TrainingBatch batch(List<Sample> samples) {
        samples.forEach(this::check);
        Sample first = samples.get(0);
        Map<String, Tensor> stacked = new LinkedHashMap<>();
        for (String name : inInputOrder(first.inputs().keySet())) {
            List<Tensor> each = samples.stream().map(s -> input(s, name)).toList();
            if (isRagged(each)) {
                requirePadded(name, first);
            }
            stacked.put(name, Stack.of(name, each, 0));
        }
        hidePadding(samples, stacked);
        Map<String, Target> targets = new LinkedHashMap<>();
        for (String name : first.targets().keySet()) {
            targets.put(name, target(name, samples));
        }
        return new SampleBatch(samples.size(), stacked, targets);
    }

    private List<String> inInputOrder(Set<String> names) {
        List<String> ordered = new ArrayList<>(inputs.keySet());
        names.stream().filter(n -> !inputs.containsKey(n)).sorted().forEach(ordered::add);
        return ordered;
    }

    private static Tensor input(Sample sample, String name) {
        Tensor tensor = sample.inputs().get(name);
        if (tensor == null) {
            throw new DataException(
                    "all samples of a batch must have the same inputs, but some have \"%s\" and one has %s"
                            .formatted(name, sample.inputs().keySet()));
        }
        return tensor;
    }

    private static boolean isRagged(List<Tensor> tensors) {
        return tensors.get(0).shape().dimension() > 0
                && tensors.stream().map(t -> t.shape().get(0)).distinct().count() > 1;
    }

    /** Requires that a mask hides the padding of an input. */
    private void requirePadded(String name, Sample sample) {
        boolean own = sample.inputs().containsKey(MASK);
        boolean added = name.equals(masked()) && sideInputs.contains(MASK);
        if (inputs.get(name) instanceof InputSpec.Image || !(own || added)) {
            throw new DataException(
                    "the samples of a batch must have one shape for \"%s\" unless a side input \"mask\" hides padding, got several shapes: add a mask to the samples, or train with batch 1"
                            .formatted(name));
        }
    }

    /** Returns the name of the first input if it reads ids, whose padding a mask hides. */
    private @Nullable String masked() {
        String first = inputs.keySet().iterator().next();
        return inputs.get(first) instanceof InputSpec.Tokens ? first : null;
    }

    /** Adds the mask of padded ids if the network reads one and the samples bring none. */
    private void hidePadding(List<Sample> samples, Map<String, Tensor> stacked) {
        String first = masked();
        if (first == null || stacked.containsKey(MASK) || !sideInputs.contains(MASK)) {
            return;
        }
        List<Tensor> each = samples.stream().map(s -> input(s, first)).toList();
        if (isRagged(each)) {
            List<Tensor> visible = new ArrayList<>();
            for (Tensor tensor : each) {
                float[] ones = new float[Math.toIntExact(tensor.shape().size())];
                Arrays.fill(ones, 1);
                visible.add(Tensor.numbers(ones));
            }
            stacked.put(MASK, Stack.of(MASK, visible, 0));
        }
    }

    private Target target(String name, List<Sample> samples) {
        List<Tensor> each = new ArrayList<>();
        for (Sample sample : samples) {
            Tensor tensor = sample.targets().get(name);
            if (tensor == null) {
                throw new DataException(
                        "all samples of a batch must have a target for \"%s\", but one has %s: fill in NaN, or -1 for a class, where it is unknown"
                                .formatted(name, sample.targets().keySet()));
            }
            each.add(tensor);
        }
        Tensor stacked =
                Stack.of(
                        name,
                        each,
                        each.get(0) instanceof Tensor.Numbers ? Float.NaN : Target.IGNORED);
        if (stacked instanceof Tensor.Numbers numbers) {
            return new Target.Numbers(numbers.values(), numbers.shape());
        }
        long[] labels = ((Tensor.Integers) stacked).values();
        int[] classes = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            classes[i] = Math.toIntExact(labels[i]);
        }
        return new Target.Classes(classes);
    }

    private void check(Sample sample) {
        for (String name : inputs.keySet()) {
            require(
                    sample.inputs().containsKey(name),
                    "a sample must have the input \"%s\" of %s, which reads %s, got %s",
                    name,
                    model,
                    inputNames(),
                    sample.inputs().keySet());
        }
        sample.inputs().forEach(this::checkInput);
        for (SideInput side : sideInputs.all()) {
            require(
                    !side.required() || sample.inputs().containsKey(side.name()),
                    "a sample must have the side input \"%s\" of %s, got %s",
                    side.name(),
                    model,
                    sample.inputs().keySet());
        }
        sample.targets().forEach(this::checkTarget);
    }

    /**
     * Checks an input of a sample.
     *
     * @throws DataException if it does not fit the network
     */
    void checkInput(String name, Tensor tensor) {
        require(reads(name), "an input must be one of %s, got \"%s\"", inputNames(), name);
        InputSpec declared = inputs.get(name);
        if (declared == null) {
            SideInput side = sideInputs.find(name).orElseThrow();
            checkKind(name, tensor, side.kind() == SideInput.Kind.IDS);
            if (side.kind() == SideInput.Kind.IDS) {
                checkIds(name, tensor, side.count());
            } else if (side.kind() == SideInput.Kind.MASK) {
                checkMask(name, tensor);
            } else {
                checkFinite(name, tensor);
            }
            return;
        }
        Shape wanted = declared.batchShape().slice(1);
        Shape found = tensor.shape();
        if (declared instanceof InputSpec.Tokens tokens) {
            checkKind(name, tensor, true);
            require(
                    found.dimension() == 1 && found.get(0) > 0 && found.get(0) <= tokens.length(),
                    "the input \"%s\" must have 1 to %s ids, got %s",
                    name,
                    tokens.length(),
                    found);
            checkIds(name, tensor, tokens.vocabulary());
            return;
        }
        checkKind(name, tensor, false);
        boolean free = declared instanceof InputSpec.Image;
        require(
                free
                        ? found.dimension() == wanted.dimension() && found.get(0) == wanted.get(0)
                        : found.equals(wanted),
                "the input \"%s\" of a sample must have the shape %s, got %s",
                name,
                wanted,
                found);
        checkFinite(name, tensor);
    }

    private static void checkKind(String name, Tensor tensor, boolean integers) {
        require(
                tensor instanceof Tensor.Integers == integers,
                "the input \"%s\" must be %s, got %s",
                name,
                integers ? "whole numbers" : "numbers",
                Stack.kind(tensor));
    }

    /** Engines may silently read another row of a table for an id out of range. */
    private static void checkIds(String name, Tensor tensor, long count) {
        for (long id : ((Tensor.Integers) tensor).values()) {
            require(
                    id >= 0 && (count == 0 || id < count),
                    "the input \"%s\" must have ids in [0, %s), got %s",
                    name,
                    count == 0 ? "2^63" : count,
                    id);
        }
    }

    /** One NaN would make the loss of the whole batch NaN, and so the weights. */
    private static void checkFinite(String name, Tensor tensor) {
        for (float value : ((Tensor.Numbers) tensor).values()) {
            if (!Float.isFinite(value)) {
                throw new DataException(
                        "the input \"%s\" must have finite numbers, got %s: replace or leave out what is unknown"
                                .formatted(name, value));
            }
        }
    }

    /** Additive masks, 0 for visible and -10000 for hidden, would be read the other way. */
    private static void checkMask(String name, Tensor tensor) {
        for (float value : ((Tensor.Numbers) tensor).values()) {
            require(
                    value == 0 || value == 1,
                    "the mask \"%s\" must be 1 for visible and 0 for hidden positions, got %s",
                    name,
                    value);
        }
    }

    private void checkTarget(String name, Tensor tensor) {
        Shape output = outputs.get(name);
        require(
                output != null,
                "a target must belong to an output of %s, %s, got \"%s\"",
                model,
                new TreeSet<>(outputs.keySet()),
                name);
        if (output == null) {
            return;
        }
        Shape found = tensor.shape();
        if (tensor instanceof Tensor.Numbers) {
            require(
                    fits(output.slice(1), found),
                    "the target of \"%s\" must have the shape %s of the output, got %s; classes are"
                            + " whole numbers",
                    name,
                    output.slice(1),
                    found);
            return;
        }
        // Outputs of images have their classes on axis 1, all others on the last axis.
        int axis = output.dimension() >= 4 ? 1 : output.dimension() - 1;
        Shape positions = output.slice(1, axis).addAll(output.slice(axis + 1));
        require(
                fits(positions, found) || (axis == 1 && found.equals(new Shape(1))),
                "the classes of \"%s\" must have the shape %s, one for each position of the output"
                        + " %s, got %s",
                name,
                positions,
                output,
                found);
    }

    private static boolean fits(Shape wanted, Shape found) {
        boolean fits = wanted.dimension() == found.dimension();
        for (int i = 0; fits && i < wanted.dimension(); i++) {
            fits = wanted.get(i) == -1 || wanted.get(i) == found.get(i);
        }
        return fits;
    }

    private static void require(boolean ok, String format, Object... args) {
        if (!ok) {
            throw new DataException(format.formatted(args));
        }
    }
}
