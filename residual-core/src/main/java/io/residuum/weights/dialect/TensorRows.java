package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.AttentionHeads;
import io.residuum.nn.trait.HasConstants;
import io.residuum.nn.trait.RotaryHeads;
import io.residuum.weights.WeightsException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a link on both sides, as concatenated rows.
 *
 * @param link the link
 * @param ours the shapes of ours
 * @param sizes the number of rows of each part, on the side with more tensors
 * @param row the number of values per row
 * @param rearrangement a permutation of axes; null for none
 * @param heads the attention whose rows must be reordered; null for none
 * @param groups the attention whose heads take turns in theirs; null for none
 */
record TensorRows(
        TensorLink link,
        List<Shape> ours,
        long[] sizes,
        int row,
        @Nullable Rearrangement rearrangement,
        @Nullable RotaryHeads heads,
        @Nullable AttentionHeads groups) {

    static TensorRows of(TensorLink link, Map<String, Shape> shapes, Map<String, Layer> layers) {
        List<Shape> ours = link.ours().stream().map(our -> shape(shapes, our)).toList();
        Rule rule = link.rule();
        return new TensorRows(
                link,
                ours,
                sizes(link, ours, shapes),
                Math.toIntExact(ours.get(0).size() / Math.max(1, rows(ours.get(0)))),
                rule.rearrange().isEmpty()
                        ? null
                        : Rearrangement.parse(rule.rearrange(), axes(link, layers)),
                rule.rotary() == RotaryOrder.SAME ? null : owner(link, layers, RotaryHeads.class),
                rule.grouped() ? owner(link, layers, AttentionHeads.class) : null);
    }

    /** {@return the constants of all layers by path} */
    static Map<String, HasConstants.Constant> constants(Layer network) {
        Map<String, HasConstants.Constant> all = new LinkedHashMap<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof HasConstants owner) {
                        String prefix = path.isEmpty() ? "" : path + ".";
                        owner.constants().forEach((name, c) -> all.put(prefix + name, c));
                    }
                });
        return all;
    }

    /** {@return the shapes of parameters and constants by path} */
    static Map<String, Shape> shapes(
            Map<String, Parameter> parameters, Map<String, HasConstants.Constant> constants) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.forEach((path, parameter) -> shapes.put(path, parameter.getShape()));
        constants.forEach((path, constant) -> shapes.put(path, constant.shape()));
        return shapes;
    }

    private static Shape shape(Map<String, Shape> shapes, String path) {
        Shape shape = shapes.get(path);
        if (shape == null) {
            throw new WeightsException("a rule must name parameters of the network, got " + path);
        }
        return shape;
    }

    private static long rows(Shape shape) {
        return shape.dimension() == 0 ? 1 : shape.get(0);
    }

    private static long[] sizes(TensorLink link, List<Shape> ours, Map<String, Shape> shapes) {
        int parts = Math.max(ours.size(), link.theirs().size());
        if (ours.size() == parts) {
            return ours.stream().mapToLong(TensorRows::rows).toArray();
        }
        long all = rows(ours.get(0));
        long[] sizes = new long[parts];
        long first = all / parts;
        if (!link.first().isEmpty()) {
            Shape like = shape(shapes, link.first());
            first = like.get(like.dimension() - 1);
        }
        Arrays.fill(sizes, (all - first) / (parts - 1));
        sizes[0] = first;
        if (Arrays.stream(sizes).sum() != all) {
            throw new WeightsException(
                    "%s must divide into %d tensors, found %d rows with %d in the first"
                            .formatted(link.ours().get(0), parts, all, first));
        }
        return sizes;
    }

    private static Map<String, Long> axes(TensorLink link, Map<String, Layer> layers) {
        Map<String, Long> sizes = new HashMap<>();
        String each = link.rule().each();
        if (!each.isEmpty()) {
            sizes.put(each, (long) link.ours().size() / link.rule().ours().names().size());
        }
        link.rule()
                .axes()
                .forEach(
                        (axis, size) -> {
                            Long value = size.in(owner(link, layers, AttentionHeads.class));
                            if (value == null) {
                                throw new WeightsException(
                                        "the axis \"%s\" must have the size %s of attention, but %s"
                                                        .formatted(
                                                                axis,
                                                                size.text(),
                                                                link.ours().get(0))
                                                + " is not in an attention layer; give a number");
                            }
                            sizes.put(axis, value);
                        });
        return sizes;
    }

    /** {@return the innermost layer of a kind around a parameter; null if there is none} */
    private static <T> @Nullable T owner(
            TensorLink link, Map<String, Layer> layers, Class<T> kind) {
        String path = link.ours().get(0);
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            Layer layer = layers.get(path.substring(0, dot));
            if (kind.isInstance(layer)) {
                return kind.cast(layer);
            }
        }
        return null;
    }

    /** {@return the number of our rows in a tensor of theirs} */
    private long rows(int their) {
        return link.theirs().size() == sizes.length ? sizes[their] : Arrays.stream(sizes).sum();
    }

    /** {@return the shape of a tensor of theirs with its extra rows, in our order of axes} */
    private Shape arranged(int their) {
        long[] dims = ours.get(0).getShape().clone();
        if (dims.length > 0) {
            ExtraRows extra = link.rule().extraRows();
            dims[0] = extra.before() + rows(their) + extra.after();
        }
        return new Shape(dims);
    }

    /** {@return the shape that a tensor of theirs must have; null if our axes do not match} */
    @Nullable Shape theirShape(int their) {
        Shape arranged = arranged(their);
        if (rearrangement == null) {
            return arranged;
        }
        long[] shape = rearrangement.theirShape(arranged.getShape());
        return shape == null ? null : new Shape(shape);
    }

    /** Joins all of theirs, in our order. */
    float[] joined(List<float[]> theirs) {
        float[] all = ungrouped(joined(theirs.size(), i -> arrange(i, theirs.get(i))), false);
        reorderHeads(all, false);
        return all;
    }

    /** Computes one of ours from {@link #joined}. */
    float[] toOurs(int our, float[] all) {
        float[] part = slice(all, our, ours.stream().mapToLong(Shape::size).toArray());
        return plus(part, link.rule().add());
    }

    /** Computes one of theirs from all of ours. */
    float[] toTheirs(int their, List<float[]> values) {
        float[] all = joined(values.size(), values::get);
        if (all == values.get(0) && heads != null) {
            all = all.clone();
        }
        reorderHeads(all, true);
        all = ungrouped(all, true);
        int count = link.theirs().size();
        long[] lengths = new long[count];
        Arrays.setAll(lengths, i -> rows(i) * row);
        float[] part = withExtraRows(plus(slice(all, their, lengths), -link.rule().add()));
        return rearrangement == null
                ? part
                : rearrangement.toTheirs(part, arranged(their).getShape());
    }

    private float[] arrange(int their, float[] values) {
        float[] arranged =
                rearrangement == null
                        ? values
                        : rearrangement.toOurs(values, arranged(their).getShape());
        ExtraRows extra = link.rule().extraRows();
        return extra.isEmpty()
                ? arranged
                : Arrays.copyOfRange(
                        arranged, extra.before() * row, arranged.length - extra.after() * row);
    }

    private float[] withExtraRows(float[] values) {
        ExtraRows extra = link.rule().extraRows();
        if (extra.isEmpty()) {
            return values;
        }
        float[] all = new float[(extra.before() + extra.after()) * row + values.length];
        System.arraycopy(values, 0, all, extra.before() * row, values.length);
        return all;
    }

    /** {@return the values with a constant added, which are the values themselves if it is 0} */
    private static float[] plus(float[] values, double constant) {
        if (constant == 0) {
            return values;
        }
        float[] sums = new float[values.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (float) (values[i] + constant);
        }
        return sums;
    }

    private static float[] joined(int count, IntFunction<float[]> part) {
        if (count == 1) {
            return part.apply(0);
        }
        float[][] parts = new float[count][];
        Arrays.setAll(parts, part);
        float[] all = new float[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] values : parts) {
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    private static float[] slice(float[] all, int index, long... lengths) {
        if (lengths.length == 1) {
            return all;
        }
        int from = Math.toIntExact(Arrays.stream(lengths).limit(index).sum());
        return Arrays.copyOfRange(all, from, from + Math.toIntExact(lengths[index]));
    }

    /**
     * {@return all query heads, keys and values in this order, from heads that take turns by key
     * head; or the reverse}
     */
    private float[] ungrouped(float[] all, boolean back) {
        if (groups == null) {
            return all;
        }
        int head = groups.headWidth() * row;
        int perGroup = groups.heads() / groups.kvHeads();
        float[] result = new float[all.length];
        for (int their = 0; their < all.length / head; their++) {
            int group = their / (perGroup + 2);
            int at = their % (perGroup + 2);
            int our =
                    at < perGroup
                            ? group * perGroup + at
                            : groups.heads() + (at - perGroup) * groups.kvHeads() + group;
            int from = back ? our : their;
            System.arraycopy(all, from * head, result, (back ? their : our) * head, head);
        }
        return result;
    }

    private void reorderHeads(float[] all, boolean back) {
        if (heads == null) {
            return;
        }
        int at = 0;
        for (int part = 0; part < sizes.length; part++) {
            int end = at + Math.toIntExact(sizes[part] * row);
            if (link.rule().isRotary(part)) {
                link.rule().rotary().reorder(all, at, end, row, heads, back);
            }
            at = end;
        }
    }
}
