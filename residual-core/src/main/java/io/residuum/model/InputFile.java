package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.json.JsonText;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The inputs of a network in a safetensors file: the tensor {@code input}, and side inputs by name,
 * such as {@code mask}. The names of transformers are accepted, too ({@code input_ids}, {@code
 * attention_mask}, {@code token_type_ids}, {@code pixel_values}, {@code decoder_input_ids}). Every
 * tensor is an input, or the file is refused.
 *
 * <p>Names, types, sample counts and the range of ids and masks are checked when the file is
 * opened, without an engine.
 */
public final class InputFile implements AutoCloseable {
    private static final String INPUT = "input";

    private final Safetensors tensors;
    private final ModelSpec spec;
    private final InputSpec first;
    private final SideInputs sideInputs;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Map<String, long[]> ids = new HashMap<>();
    private final List<String> renamed = new ArrayList<>();

    private InputFile(ModelSpec spec, Safetensors tensors) {
        this.spec = spec;
        this.tensors = tensors;
        this.first = spec.input().all().get(0).input();
        this.sideInputs = spec.newBlock().sideInputs();
    }

    /**
     * Opens and checks a file.
     *
     * @param spec the network that reads it
     * @param file a safetensors file
     * @param leftOut the names of tensors that are no inputs, such as expected outputs
     * @return the inputs, to be closed by the caller
     * @throws WeightsException if the file holds anything else than inputs that fit the network
     */
    public static InputFile open(ModelSpec spec, Path file, Collection<String> leftOut) {
        InputFile inputs = new InputFile(spec, Safetensors.open(file));
        try {
            inputs.assign(Set.copyOf(leftOut));
            inputs.checkInput();
            inputs.sideInputs.all().forEach(inputs::checkSideInput);
            return inputs;
        } catch (RuntimeException e) {
            inputs.close();
            throw e;
        }
    }

    /** Finds the input that each tensor is. */
    private void assign(Set<String> leftOut) {
        for (String name : leftOut) {
            require(
                    tensors.names().contains(name),
                    "a tensor to leave out must be in the file, found no %s among %s",
                    JsonText.quote(name),
                    tensors.names());
        }
        Set<String> first = namesOfFirst();
        for (String name : tensors.names()) {
            if (leftOut.contains(name)) {
                continue;
            }
            Optional<String> input =
                    first.contains(name)
                            ? Optional.of(INPUT)
                            : sideInputs.find(name).map(SideInput::name);
            require(
                    input.isPresent(),
                    "a tensor must be an input of %s, which reads %s, found %s: rename or remove"
                            + " it, or leave it out with --ignore",
                    spec.name(),
                    readNames(),
                    JsonText.quote(name));
            TensorInfo other = infos.put(input.orElseThrow(), tensors.info(name));
            require(
                    other == null,
                    "the input \"%s\" must be there once, found %s and %s: remove one, or leave it"
                            + " out with --ignore",
                    input.orElseThrow(),
                    other == null ? "" : JsonText.quote(other.name()),
                    JsonText.quote(name));
            if (!name.equals(input.orElseThrow())
                    && !name.equals(spec.input().all().get(0).name())) {
                renamed.add(name + " is read as " + input.orElseThrow());
            }
        }
        require(
                infos.containsKey(INPUT),
                "a file of inputs must hold the tensor \"input\", found %s",
                tensors.names());
    }

    /** Returns the names of the first input; exporters call it {@code data}. */
    private Set<String> namesOfFirst() {
        Set<String> names = new LinkedHashSet<>(List.of(INPUT, "data"));
        names.add(spec.input().all().get(0).name());
        if (first instanceof InputSpec.Image) {
            names.add("pixel_values");
        } else if (first instanceof InputSpec.Tokens) {
            // transformers calls the source of an encoder with a decoder input_ids.
            boolean isSource = sideInputs.find("input_ids").isPresent();
            names.add(isSource ? "decoder_input_ids" : "input_ids");
        }
        return names;
    }

    private String readNames() {
        List<String> names = new ArrayList<>(List.of("\"" + INPUT + "\""));
        sideInputs.all().forEach(input -> names.add("\"" + input.name() + "\""));
        return String.join(", ", names);
    }

    private void checkInput() {
        TensorInfo info = info(INPUT);
        String name = JsonText.quote(info.name());
        long[] found = info.dimensions();
        long[] wanted = first.batchShape().getShape();
        require(
                found.length == wanted.length && found[0] > 0,
                "the tensor %s must have the shape %s with N of 1 or more, found %s",
                name,
                first.batchShape(),
                info.shape());
        if (first instanceof InputSpec.Tokens limits) {
            require(
                    found[1] > 0 && found[1] <= limits.length(),
                    "the tensor %s must have 1 to %s tokens per sample, found %s",
                    name,
                    limits.length(),
                    found[1]);
            checkIds(INPUT, info, limits.vocabulary());
            return;
        }
        require(
                found[1] == wanted[1],
                "the tensor %s must have %s in its second dimension, found shape %s",
                name,
                wanted[1],
                info.shape());
        boolean fixed = first instanceof InputSpec.Features;
        require(
                !fixed || Arrays.equals(found, 1, found.length, wanted, 1, wanted.length),
                "the tensor %s must be %s, found %s",
                name,
                first.batchShape(),
                info.shape());
        requireNumbers(info);
    }

    private void checkSideInput(SideInput declared) {
        TensorInfo info = infos.get(declared.name());
        if (info == null) {
            require(
                    !declared.required(),
                    "%s needs the tensor \"%s\", found %s",
                    spec.name(),
                    declared.name(),
                    tensors.names());
            return;
        }
        long samples = samples();
        boolean oneForAll = !declared.required() && info.elements() > 0 && info.shape().get(0) == 1;
        require(
                info.elements() > 0
                        && !info.shape().isEmpty()
                        && (info.shape().get(0) == samples || oneForAll),
                "the tensor %s must have one row for each of the %s samples, found shape %s",
                JsonText.quote(info.name()),
                samples,
                info.shape());
        switch (declared.kind()) {
            case IDS -> {
                boolean positions = declared.count() == 0;
                long count = positions ? info(INPUT).shape().get(1) : declared.count();
                checkIds(declared.name(), info, count);
            }
            case MASK -> checkMask(info);
            case NUMBERS -> requireNumbers(info);
        }
    }

    /** Engines may silently read another row of a table for an id out of range. */
    private void checkIds(String input, TensorInfo info, long count) {
        require(
                info.type().kind() == TensorType.Kind.INTEGER,
                "the tensor %s must hold ids as integers, found %s",
                JsonText.quote(info.name()),
                info.type());
        long[] all = tensors.longs(info.name());
        for (long id : all) {
            require(
                    id >= 0 && id < count,
                    "the tensor %s must hold ids in [0, %s), found %s",
                    JsonText.quote(info.name()),
                    count,
                    id);
        }
        ids.put(input, all);
    }

    /** Additive masks, 0 for visible and -10000 for hidden, would be read the other way. */
    private void checkMask(TensorInfo info) {
        requireNumbers(info);
        for (float value : tensors.floats(info.name())) {
            require(
                    value == 0 || value == 1,
                    "the mask %s must be 1 for visible and 0 for hidden positions, found %s",
                    JsonText.quote(info.name()),
                    value);
        }
    }

    private void requireNumbers(TensorInfo info) {
        require(
                info.type().kind() != TensorType.Kind.OPAQUE,
                "the tensor %s must hold numbers, found %s",
                JsonText.quote(info.name()),
                info.type());
    }

    private void require(boolean ok, String format, Object... args) {
        if (!ok) {
            throw WeightsException.in(tensors.file(), format.formatted(args));
        }
    }

    private TensorInfo info(String input) {
        TensorInfo info = infos.get(input);
        if (info == null) {
            throw new IllegalStateException("no input " + input);
        }
        return info;
    }

    /** {@return the file} */
    public Path file() {
        return tensors.file();
    }

    /** {@return the number of samples N} */
    public long samples() {
        return info(INPUT).shape().get(0);
    }

    /** {@return one line for each tensor with the name of another library} */
    public List<String> renamed() {
        return List.copyOf(renamed);
    }

    /**
     * {@return the inputs of some samples, as a network reads them}
     *
     * @param manager owns the arrays
     * @param first the first sample
     * @param count the number of samples
     */
    public NDList batch(NDManager manager, long first, int count) {
        NDList batch = new NDList(array(manager, INPUT, first, count));
        for (String name : infos.keySet()) {
            if (!name.equals(INPUT)) {
                NDArray array = array(manager, name, first, count);
                array.setName(name);
                batch.add(array);
            }
        }
        return batch;
    }

    /** Returns the rows of some samples, or the only row of an input that all samples share. */
    private NDArray array(NDManager manager, String input, long first, int count) {
        TensorInfo info = info(input);
        long[] dims = info.dimensions();
        boolean shared = dims[0] == 1;
        int width = Math.toIntExact(info.elements() / dims[0]);
        dims[0] = shared ? 1 : count;
        long from = shared ? 0 : first * width;
        int size = Math.toIntExact(dims[0] * width);
        Shape shape = new Shape(dims);
        long[] all = ids.get(input);
        return all == null
                ? Values.create(
                        manager, tensors.floats(info.name(), from, size), shape, DataType.FLOAT32)
                : Values.create(
                        manager, Arrays.copyOfRange(all, (int) from, (int) from + size), shape);
    }

    /** Releases the file. */
    @Override
    public void close() {
        tensors.close();
    }
}
