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
 * A permutation of a tensor's axes, from theirs on the left to ours on the right, as text: {@code i
 * o -> o i} transposes, {@code o (h w c) -> o c h w} splits an axis, {@code o i 1 1 -> o i} drops
 * axes of length 1. Parentheses are allowed on the left only.
 */
final class Rearrangement {
    private static final String ARROW = "->";

    private final List<List<String>> theirs;
    private final List<List<String>> ours;

    private Rearrangement(List<List<String>> theirs, List<List<String>> ours) {
        this.theirs = theirs;
        this.ours = ours;
    }

    static Rearrangement parse(String text) {
        int arrow = text.indexOf(ARROW);
        Check.that(arrow >= 0, "rearrange must be like \"i o -> o i\", got \"%s\"", text);
        Rearrangement parsed =
                new Rearrangement(
                        side(text, text.substring(0, arrow)),
                        side(text, text.substring(arrow + ARROW.length())));
        List<String> left = axes(parsed.theirs);
        List<String> right = axes(parsed.ours);
        Check.that(
                new HashSet<>(left).size() == left.size()
                        && left.size() == right.size()
                        && new HashSet<>(left).equals(new HashSet<>(right)),
                "rearrange must name each axis once on each side, got \"%s\"",
                text);
        Check.that(
                parsed.ours.stream().allMatch(group -> group.size() <= 1),
                "rearrange must not join axes to the right of ->, got \"%s\"",
                text);
        return parsed;
    }

    private static List<List<String>> side(String whole, String text) {
        List<List<String>> groups = new ArrayList<>();
        List<String> open = null;
        for (String word : text.replace("(", " ( ").replace(")", " ) ").trim().split("\\s+")) {
            if (word.equals("(") && open == null) {
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
        return shape(theirs, sizes(ours, ourShape));
    }

    float[] toOurs(float[] values, long... ourShape) {
        return permute(values, axes(theirs), axes(ours), required(ourShape));
    }

    float[] toTheirs(float[] values, long... ourShape) {
        return permute(values, axes(ours), axes(theirs), required(ourShape));
    }

    private Map<String, Long> required(long... ourShape) {
        Map<String, Long> sizes = sizes(ours, ourShape);
        if (sizes == null) {
            throw new IllegalArgumentException(
                    Arrays.toString(ourShape) + " is not the shape of " + ours);
        }
        return sizes;
    }

    private static @Nullable Map<String, Long> sizes(List<List<String>> side, long... shape) {
        if (shape.length != side.size()) {
            return null;
        }
        Map<String, Long> sizes = new HashMap<>();
        for (int d = 0; d < shape.length; d++) {
            List<String> group = side.get(d);
            if (group.isEmpty() && shape[d] != 1) {
                return null;
            }
            if (!group.isEmpty()) {
                sizes.put(group.get(0), shape[d]);
            }
        }
        return sizes;
    }

    private static long @Nullable [] shape(
            List<List<String>> side, @Nullable Map<String, Long> sizes) {
        if (sizes == null) {
            return null;
        }
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
