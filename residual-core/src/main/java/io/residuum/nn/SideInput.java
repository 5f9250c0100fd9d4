package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * An input beside the first one that layers read by name, such as a mask.
 *
 * @param name the name of the array
 * @param kind what the array holds
 * @param count for ids: they are in [0, count); 0 for positions, which are below the number of
 *     positions so far
 * @param required true if the network cannot compute without it
 * @param aliases its names in other libraries, for instance {@code attention_mask}
 */
public record SideInput(String name, Kind kind, long count, boolean required, Set<String> aliases) {

    /** The content of a side input. */
    public enum Kind {
        /** 1 for what counts and 0 for what is hidden, of any type. */
        MASK,
        /** Indices, as integers. */
        IDS,
        /** Numbers of the network's type. */
        NUMBERS
    }

    public SideInput {
        aliases = Set.copyOf(aliases);
    }

    /**
     * {@return an optional mask}
     *
     * @param name the name of the array
     * @param aliases its names in other libraries
     */
    public static SideInput mask(String name, String... aliases) {
        return new SideInput(name, Kind.MASK, 0, false, Set.of(aliases));
    }

    /**
     * {@return optional ids}
     *
     * @param name the name of the array
     * @param count the number of ids; 0 for positions
     * @param aliases its names in other libraries
     */
    public static SideInput ids(String name, long count, String... aliases) {
        return new SideInput(name, Kind.IDS, count, false, Set.of(aliases));
    }

    /**
     * {@return optional numbers}
     *
     * @param name the name of the array
     */
    public static SideInput numbers(String name) {
        return new SideInput(name, Kind.NUMBERS, 0, false, Set.of());
    }

    /** {@return this input, required} */
    public SideInput asRequired() {
        return new SideInput(name, kind, count, true, aliases);
    }

    /**
     * {@return this input with other names in other libraries}
     *
     * @param others the names
     */
    public SideInput withAliases(String... others) {
        return new SideInput(name, kind, count, required, Set.of(others));
    }

    /** Returns the input that two layers read: what either requires, and the ids both know. */
    SideInput merge(SideInput other) {
        if (kind != other.kind) {
            throw new IllegalArgumentException(
                    "all layers must read a side input in one way, got \"%s\" as %s and as %s"
                            .formatted(name, kind, other.kind));
        }
        long both =
                count == 0 || other.count == 0 ? count + other.count : Math.min(count, other.count);
        Set<String> names = new TreeSet<>(aliases);
        names.addAll(other.aliases);
        return new SideInput(name, kind, both, required || other.required, names);
    }

    /** Checks type and number of samples. Layers check the other sizes. */
    void check(NDArray array, long samples, DataType type) {
        DataType found = array.getDataType();
        boolean fits =
                switch (kind) {
                    case MASK -> true;
                    case IDS -> found.isInteger();
                    case NUMBERS -> found == type;
                };
        if (!fits) {
            throw new IllegalArgumentException(
                    "the side input \"%s\" must be of type %s, found %s: convert it with toType"
                            .formatted(
                                    name, kind == Kind.IDS ? "int64" : lower(type), lower(found)));
        }
        long rows = array.getShape().dimension() == 0 ? 0 : array.getShape().get(0);
        if (rows != samples && (required || rows != 1)) {
            throw new IllegalArgumentException(
                    "the side input \"%s\" must have %d in its first dimension, one row for each sample, found %s"
                            .formatted(name, samples, array.getShape()));
        }
    }

    /**
     * Checks the values of a mask. An additive mask, 0 for visible and -10000 for hidden, would be
     * read the other way. Training on a GPU does not check, as in {@link Ids#require}. Layers check
     * ids.
     */
    void checkMask(NDArray array) {
        if (kind != Kind.MASK
                || array.getDevice().isGpu() && Ops.of(array.getManager()).recording()) {
            return;
        }
        for (float value : Values.floats(array)) {
            if (value != 0 && value != 1) {
                throw new IllegalArgumentException(
                        "the mask \"%s\" must be 1 for visible and 0 for hidden positions, found %s"
                                .formatted(name, value));
            }
        }
    }

    private static String lower(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /** Returns true if other libraries call it so, or this one does. */
    boolean isCalled(String other) {
        return name.equals(other) || aliases.contains(other);
    }

    /** Returns the names of inputs as text. */
    static String names(List<SideInput> inputs) {
        return inputs.isEmpty()
                ? "none"
                : String.join(", ", inputs.stream().map(SideInput::name).toList());
    }
}
