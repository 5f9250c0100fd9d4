package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of a network's layers with shapes and costs. It needs only the spec: no engine is loaded
 * and nothing is allocated. Equal neighbours share a row. The figures of a column add up to the
 * total.
 */
public final class Summary {

    /**
     * A row of the table.
     *
     * @param depth the nesting level, 0 for a child of the network and for the network itself
     * @param name the layer's name, or a range of names such as {@code 1..5}; empty for the network
     *     itself, which has a row if it computes something itself, not only by its children
     * @param times the number of equal layers in the row
     * @param what a short description of the layer
     * @param cost the cost of all these layers, with the output of the last
     * @param own the part of the cost that no other row has: the full cost of a leaf, otherwise the
     *     cost without children
     * @param leaf true if the layer has no children or they have no rows
     */
    public record Row(
            int depth, String name, int times, String what, Cost cost, Cost own, boolean leaf) {}

    private final ModelSpec spec;
    private final Cost total;
    private final List<String> outputs;
    private final List<Shape> shapes;
    private final List<Row> rows = new ArrayList<>();
    private final Map<Layer, Integer> kinds = new IdentityHashMap<>();
    private final Map<List<Object>, Integer> kindsByParts = new HashMap<>();

    private Summary(ModelSpec spec, Layer network, BiPredicate<Layer, Integer> opened) {
        this.spec = spec;
        this.total = Cost.of(network);
        this.outputs = network.outputNames();
        this.shapes = network.outputShapes();
        Cost own = Cost.ofAlone(network);
        if (own.isPositive()) {
            boolean leaf = network.children().isEmpty();
            rows.add(new Row(0, "", 1, network.describe(), total, own, leaf));
        }
        try {
            addRows(network, 0, opened, 1, 1);
        } catch (ArithmeticException e) {
            throw Cost.tooLarge(network, e);
        }
    }

    /**
     * Summarizes a network by units. A layer that only runs its children is replaced by their rows.
     *
     * @param spec the network
     */
    public static Summary of(ModelSpec spec) {
        return new Summary(
                spec, spec.newBlock(), (layer, depth) -> !Cost.ofAlone(layer).isPositive());
    }

    /**
     * Summarizes a network to a given depth.
     *
     * @param spec the network
     * @param depth the number of levels with rows, positive
     */
    public static Summary of(ModelSpec spec, int depth) {
        return new Summary(spec, spec.newBlock(), (layer, at) -> at + 1 < depth);
    }

    /** {@return the cost of the network for one sample} */
    public Cost total() {
        return total;
    }

    /** {@return the rows from input to output, unmodifiable} */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    private void addRows(
            Layer parent,
            int depth,
            BiPredicate<Layer, Integer> opened,
            int parents,
            int parentRuns) {
        List<Map.Entry<String, Layer>> children = List.copyOf(parent.children().entrySet());
        int i = 0;
        while (i < children.size()) {
            Layer first = children.get(i).getValue();
            int end = i + 1;
            int each = Cost.runs(parent, children.get(i).getKey());
            while (end < children.size()
                    && kind(children.get(end).getValue()) == kind(first)
                    && Cost.runs(parent, children.get(end).getKey()) == each
                    && Cost.resized(parent, children.get(end - 1).getKey()).isEmpty()) {
                end++;
            }
            int times = end - i;
            String from = children.get(i).getKey();
            String name = times == 1 ? from : from + ".." + children.get(end - 1).getKey();
            boolean leaf = first.children().isEmpty() || !opened.test(first, depth);
            int copies = Math.multiplyExact(parents, times);
            int runs = Math.multiplyExact(parentRuns, Math.multiplyExact(times, each));
            Cost cost = times(Cost.of(first), copies, runs);
            Cost own = leaf ? cost : times(Cost.ofAlone(first), copies, runs);
            rows.add(new Row(depth, name, runs, first.describe(), cost, own, leaf));
            if (!leaf) {
                addRows(first, depth + 1, opened, copies, runs);
            }
            for (Layer other : Cost.resized(parent, from)) {
                Cost more = times(Cost.of(other), 0, parentRuns);
                rows.add(new Row(depth, from, parentRuns, other.describe(), more, more, true));
            }
            i = end;
        }
    }

    /** Returns a number that equal layers share: each is compared once, not at every level. */
    private int kind(Layer layer) {
        Integer seen = kinds.get(layer);
        if (seen != null) {
            return seen;
        }
        List<Object> parts = new ArrayList<>();
        parts.add(layer.describe());
        parts.add(layer.inputShapes());
        parts.add(layer.outputShapes());
        layer.children()
                .forEach(
                        (name, child) -> {
                            parts.add(name);
                            parts.add(kind(child));
                            parts.add(Cost.runs(layer, name));
                        });
        int kind = kindsByParts.computeIfAbsent(parts, p -> kindsByParts.size());
        kinds.put(layer, kind);
        return kind;
    }

    private static Cost times(Cost c, long copies, long runs) {
        return new Cost(
                c.output(),
                Math.multiplyExact(copies, c.parameters()),
                Math.multiplyExact(copies, c.buffers()),
                Math.multiplyExact(runs, c.macs()),
                Math.multiplyExact(runs, c.activationBytes()));
    }

    /** {@return the table as lines of text, at most 110 columns for the usual networks} */
    @Override
    public String toString() {
        int width = Math.max(24, rows.stream().mapToInt(r -> label(r).length()).max().orElse(0));
        String format = "%-" + width + "s  %-20s %14s %14s %12s%n";
        StringBuilder out = new StringBuilder();
        out.append(String.format(Locale.ROOT, "%s: input %s%n%n", spec.name(), inputs()));
        if (outputs.size() > 1) {
            out.insert(out.indexOf(System.lineSeparator()), "; outputs " + named(outputs, shapes));
        }
        out.append(
                String.format(
                        Locale.ROOT,
                        format,
                        "layer",
                        "output",
                        "parameters",
                        "MACs",
                        "activations"));
        for (Row r : rows) {
            Cost own = r.own();
            out.append(
                    String.format(
                            Locale.ROOT,
                            format,
                            label(r),
                            dims(own.output().toString()),
                            own.parameters() > 0 ? grouped(own.parameters()) : "",
                            own.macs() > 0 ? grouped(own.macs()) : "",
                            own.activationBytes() > 0 ? bytes(own.activationBytes()) : ""));
        }
        out.append(
                String.format(
                        Locale.ROOT,
                        "%n%s parameters (%s), %s buffers, %s MACs, %s of activations for one"
                                + " sample%n",
                        grouped(total.parameters()),
                        bytes(Math.multiplyExact(Float.BYTES, total.parameters())),
                        grouped(total.buffers()),
                        grouped(total.macs()),
                        bytes(total.activationBytes())));
        return out.toString();
    }

    private String inputs() {
        List<NamedInput> all = spec.input().all();
        return all.size() == 1
                ? dims(spec.input().batchShape().toString())
                : named(
                        all.stream().map(NamedInput::name).toList(),
                        all.stream().map(i -> i.input().batchShape()).toList());
    }

    private static String named(List<String> names, List<Shape> shapes) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> names.get(i) + " " + dims(shapes.get(i).toString()))
                .collect(Collectors.joining(", "));
    }

    private static String label(Row r) {
        return "  ".repeat(r.depth())
                + (r.name().isEmpty() ? "" : r.name() + "  ")
                + r.what()
                + (r.times() > 1 ? " x" + r.times() : "");
    }

    private static String dims(String shape) {
        return shape.replace("-1", "N");
    }

    private static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String bytes(long n) {
        if (n < 1 << 10) {
            return n + " B";
        }
        if (n < 1 << 20) {
            return String.format(Locale.ROOT, "%.1f KiB", n / 1024.0);
        }
        return n < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", n / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", n / (double) (1 << 30));
    }
}
