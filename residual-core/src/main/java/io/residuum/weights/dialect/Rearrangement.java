package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A permutation of a tensor's axes, from theirs on the left to ours on the right, in the notation
 * of einops (Rogozhnikov 2022): {@code i o -> o i} transposes, {@code o (h w c) -> o c h w} splits
 * an axis, {@code n i h -> (n h) i} joins two, {@code o i 1 1 -> o i} drops axes of length 1,
 * {@code -> 1} makes a vector of a number.
 */
final class Rearrangement {
    private static final String ARROW = "->";

    private final String text;
    private final List<List<String>> theirs;
    private final List<List<String>> ours;
    private final Map<String, Long> known;

    private Rearrangement(
            String text,
            List<List<String>> theirs,
            List<List<String>> ours,
            Map<String, Long> known) {
        this.text = text;
        this.theirs = theirs;
        this.ours = ours;
        this.known = Map.copyOf(known);
    }

    /**
     * Parses the notation.
     *
     * @param known the sizes of axes; of the axes that one axis of ours joins, at most one may be
     *     unknown
     */
    static Rearrangement parse(String text, Map<String, Long> known) {
        int arrow = text.indexOf(ARROW);
        Check.that(arrow >= 0, "rearrange must be like \"i o -> o i\", got \"%s\"", text);
        Rearrangement parsed =
                new Rearrangement(
                        text,
                        side(text, text.substring(0, arrow)),
                        side(text, text.substring(arrow + ARROW.length())),
                        known);
        List<String> left = axes(parsed.theirs);
        List<String> right = axes(parsed.ours);
        Check.that(
                new HashSet<>(left).size() == left.size()
                        && left.size() == right.size()
                        && new HashSet<>(left).equals(new HashSet<>(right)),
                "rearrange must name each axis once on each side, got \"%s\"",
                text);
        for (String axis : known.keySet()) {
            Check.that(left.contains(axis), "axes must be axes of \"%s\", got \"%s\"", text, axis);
        }
        for (List<String> group : parsed.ours) {
            List<String> open = group.stream().filter(axis -> !known.containsKey(axis)).toList();
            Check.that(
                    open.size() <= 1,
                    "axes must give the sizes of all but one of the axes %s that \"%s\" joins, got"
                            + " none for %s",
                    group,
                    text,
                    open);
        }
        return parsed;
    }

    private static List<List<String>> side(String whole, String text) {
        List<List<String>> groups = new ArrayList<>();
        List<String> open = null;
        if (text.isBlank()) {
            return List.of();
        }
        for (String word : text.replace("(", " ( ").replace(")", " ) ").trim().split("\\s+")) {
            if (word.isEmpty()) {
                break; // a scalar
            } else if (word.equals("(") && open == null) {
                open = new ArrayList<>();
            } else if (word.equals(")") && open != null) {
                groups.add(List.copyOf(open));
                open = null;
            } else if (word.matches("[a-z]\\w*")) {
                if (open == null) {
                    groups.add(List.of(word));
                } else {
                    open.add(word);
                }
            } else {
                Check.that(
                        word.equals("1") && open == null,
                        "rearrange must have names of axes, 1 and parentheses, got \"%s\"",
                        whole);
                groups.add(List.of());
            }
        }
        Check.that(open == null, "rearrange must close its parentheses, got \"%s\"", whole);
        return List.copyOf(groups);
    }

    private static List<String> axes(List<List<String>> side) {
        return side.stream().flatMap(List::stream).toList();
    }

    /** {@return the shape of theirs; null if ours does not match} */
    long @Nullable [] theirShape(long... ourShape) {
        Map<String, Long> sizes = sizes(ourShape);
        return sizes == null ? null : shape(theirs, sizes);
    }

    float[] toOurs(float[] values, long... ourShape) {
        return permute(values, axes(theirs), axes(ours), required(ourShape));
    }

    float[] toTheirs(float[] values, long... ourShape) {
        return permute(values, axes(ours), axes(theirs), required(ourShape));
    }

    private Map<String, Long> required(long... ourShape) {
        Map<String, Long> sizes = sizes(ourShape);
        if (sizes == null) {
            throw new IllegalArgumentException(
                    Arrays.toString(ourShape) + " is not the shape of " + text);
        }
        return sizes;
    }

    /** {@return the sizes of all axes; null if a shape of ours does not have them} */
    private @Nullable Map<String, Long> sizes(long... shape) {
        if (shape.length != ours.size()) {
            return null;
        }
        Map<String, Long> sizes = new HashMap<>(known);
        for (int d = 0; d < shape.length; d++) {
            long rest = shape[d];
            String open = null;
            for (String axis : ours.get(d)) {
                Long size = known.get(axis);
                if (size == null) {
                    open = axis;
                } else if (size < 1 || rest % size != 0) {
                    return null;
                } else {
                    rest /= size;
                }
            }
            if (open != null) {
                sizes.put(open, rest);
            } else if (rest != 1) {
                return null;
            }
        }
        return sizes;
    }

    private static long[] shape(List<List<String>> side, Map<String, Long> sizes) {
        return side.stream()
                .mapToLong(
                        group ->
                                group.stream().mapToLong(sizes::get).reduce(1, Math::multiplyExact))
                .toArray();
    }

    private static float[] permute(
            float[] values, List<String> from, List<String> to, Map<String, Long> sizes) {
        Map<String, Integer> strides = new HashMap<>();
        int stride = 1;
        for (int d = from.size() - 1; d >= 0; d--) {
            strides.put(from.get(d), stride);
            stride *= Math.toIntExact(sizes.getOrDefault(from.get(d), 1L));
        }
        int rank = to.size();
        int[] size = new int[rank];
        int[] step = new int[rank];
        for (int d = 0; d < rank; d++) {
            size[d] = Math.toIntExact(sizes.getOrDefault(to.get(d), 1L));
            step[d] = strides.getOrDefault(to.get(d), 1);
        }
        float[] out = new float[values.length];
        int[] index = new int[rank];
        int at = 0;
        for (int i = 0; i < out.length; i++) {
            out[i] = values[at];
            for (int d = rank - 1; d >= 0; d--) {
                at += step[d];
                if (++index[d] < size[d]) {
                    break;
                }
                at -= step[d] * size[d];
                index[d] = 0;
            }
        }
        return out;
    }
}
