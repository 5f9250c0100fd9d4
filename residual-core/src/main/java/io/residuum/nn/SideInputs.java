package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The side inputs that a layer and its children read. Immutable. */
public final class SideInputs {
    /** No side inputs. */
    public static final SideInputs NONE = new SideInputs(Map.of());

    private final Map<String, SideInput> byName;

    private SideInputs(Map<String, SideInput> byName) {
        this.byName = byName;
    }

    /** {@return these and other side inputs; layers may share one} */
    public SideInputs and(SideInput... others) {
        return and(List.of(others));
    }

    /**
     * {@return these and other side inputs; layers may share one}
     *
     * @param others the side inputs
     */
    public SideInputs and(Collection<SideInput> others) {
        if (others.isEmpty()) {
            return this;
        }
        Map<String, SideInput> all = new LinkedHashMap<>(byName);
        others.forEach(other -> all.merge(other.name(), other, SideInput::merge));
        return new SideInputs(all);
    }

    /** {@return the side inputs in the order in which layers declare them} */
    public List<SideInput> all() {
        return List.copyOf(byName.values());
    }

    /** {@return the side input of a name, or of a name in another library} */
    public Optional<SideInput> find(String name) {
        SideInput exact = byName.get(name);
        return exact != null
                ? Optional.of(exact)
                : byName.values().stream().filter(input -> input.isCalled(name)).findFirst();
    }

    /** {@return true if a layer reads a side input} */
    public boolean contains(String name) {
        return byName.containsKey(name);
    }

    /**
     * Checks that each array after the first is a side input which a layer reads, and fits it. One
     * row for all samples is repeated, because programs need one for each.
     *
     * @param inputs the input, then the side inputs
     * @param type the type of the network's parameters
     * @param complete true if required side inputs must be there; a cache may hold them
     * @throws IllegalArgumentException if an array has no name, is read by no layer, is there
     *     twice, or does not fit; if a mask has values other than 0 and 1; or if a required one is
     *     missing
     */
    public NDList require(NDList inputs, DataType type, boolean complete) {
        String head = inputs.head().getName();
        Optional<SideInput> misplaced = head == null ? Optional.empty() : find(head);
        if (misplaced.isPresent()) {
            throw new IllegalArgumentException(
                    "the first array must be the network's input, found \"%s\", which is the side input \"%s\": add it after the input"
                            .formatted(head, misplaced.get().name()));
        }
        Set<String> seen = new HashSet<>();
        long samples = inputs.head().getShape().get(0);
        NDList all = new NDList(inputs.head());
        for (int i = 1; i < inputs.size(); i++) {
            NDArray array = inputs.get(i);
            SideInput declared = declared(array.getName(), i);
            if (!seen.add(declared.name())) {
                throw new IllegalArgumentException(
                        "a side input must be given once, found \"%s\" twice: leave one out"
                                .formatted(declared.name()));
            }
            declared.check(array, samples, type);
            declared.checkMask(array);
            all.add(perSample(array, samples));
        }
        for (SideInput declared : byName.values()) {
            if (complete && declared.required() && !seen.contains(declared.name())) {
                throw new IllegalArgumentException(
                        "the network needs the side input \"%s\", found %s: add an array with this name"
                                .formatted(declared.name(), seen.isEmpty() ? "none" : seen));
            }
        }
        return all;
    }

    private static NDArray perSample(NDArray array, long samples) {
        if (array.getShape().get(0) == samples) {
            return array;
        }
        NDArray rows = array.repeat(0, samples);
        rows.setName(array.getName());
        return rows;
    }

    private SideInput declared(@Nullable String name, int position) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "a side input must have a name, found none on array %d of the inputs; the network reads %s: name it with setName"
                            .formatted(position, this));
        }
        SideInput declared = byName.get(name);
        if (declared != null) {
            return declared;
        }
        String fix =
                find(name)
                        .map(known -> "call it \"" + known.name() + "\"")
                        .orElse("leave it out, or use a network with a layer that reads it");
        throw new IllegalArgumentException(
                "a side input must be one that the network reads (%s), found \"%s\": %s"
                        .formatted(this, name, fix));
    }

    /** {@return the names, separated by commas} */
    @Override
    public String toString() {
        return SideInput.names(all());
    }
}
