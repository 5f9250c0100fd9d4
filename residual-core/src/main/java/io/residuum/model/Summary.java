package io.residuum.model;

import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A table of a network's layers with shapes and costs, from the spec alone: no engine is loaded and
 * nothing is allocated. Equal neighbours share a row.
 */
public final class Summary {

    /** Layers deeper than this are folded into their parents, unless asked for. */
    public static final int DEFAULT_DEPTH = 2;

    /**
     * One row.
     *
     * @param depth how deep the layer lies, 0 for a child of the network
     * @param name its name, or a range of names: {@code 1..5}
     * @param times how many equal layers the row stands for
     * @param what the layer in a few words
     * @param cost the cost of all of them together, with the output of the last
     * @param leaf whether its children, if any, have no rows
     */
    public record Row(int depth, String name, int times, String what, Cost cost, boolean leaf) {}

    private final ModelSpec spec;
    private final Cost total;
    private final List<Row> rows = new ArrayList<>();

    private Summary(ModelSpec spec, Layer network, int depth) {
        this.spec = spec;
        this.total = Cost.of(network);
        addRows(network, 0, depth, 1, 1);
    }

    /**
     * Summarizes a network down to units.
     *
     * @param spec the network
     * @return the summary
     */
    public static Summary of(ModelSpec spec) {
        return of(spec, DEFAULT_DEPTH);
    }

    /**
     * Summarizes a network.
     *
     * @param spec the network
     * @param depth how many levels have rows, 1 or more
     * @return the summary
     */
    public static Summary of(ModelSpec spec, int depth) {
        return new Summary(spec, spec.newBlock(), depth);
    }

    /**
     * The cost of the whole network.
     *
     * @return for one sample
     */
    public Cost total() {
        return total;
    }

    /**
     * The rows, from the input to the output.
     *
     * @return an unmodifiable list
     */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    private void addRows(Layer parent, int depth, int limit, int parents, int parentRuns) {
        if (depth == limit) {
            return;
        }
        List<Map.Entry<String, Layer>> children = List.copyOf(parent.children().entrySet());
        int i = 0;
        while (i < children.size()) {
            Layer first = children.get(i).getValue();
            String signature = signature(first);
            int end = i + 1;
            while (end < children.size()
                    && signature(children.get(end).getValue()).equals(signature)) {
                end++;
            }
            int times = end - i;
            String from = children.get(i).getKey();
            String name = times == 1 ? from : from + ".." + children.get(end - 1).getKey();
            boolean leaf = first.children().isEmpty() || depth + 1 == limit;
            int copies = parents * times;
            int runs = parentRuns * times * parent.runs();
            rows.add(
                    new Row(
                            depth,
                            name,
                            runs,
                            first.describe(),
                            times(Cost.of(first), copies, runs),
                            leaf));
            addRows(first, depth + 1, limit, copies, runs);
            i = end;
        }
    }

    private static String signature(Layer layer) {
        return layer.inputShape() + " " + layer.outputShape() + " " + layer;
    }

    private static Cost times(Cost c, int copies, int runs) {
        return new Cost(
                c.output(),
                copies * c.parameters(),
                copies * c.buffers(),
                runs * c.macs(),
                runs * c.activationBytes());
    }

    /**
     * The table as text, at most 100 columns for the usual networks.
     *
     * @return lines ending in a newline
     */
    @Override
    public String toString() {
        int width = Math.max(24, rows.stream().mapToInt(r -> label(r).length()).max().orElse(0));
        String format = "%-" + width + "s  %-20s %14s %14s%n";
        StringBuilder out = new StringBuilder();
        out.append(
                String.format(
                        Locale.ROOT,
                        "%s: input %s%n%n",
                        spec.name(),
                        dims(spec.input().batchShape().toString())));
        out.append(String.format(Locale.ROOT, format, "layer", "output", "parameters", "MACs"));
        for (Row r : rows) {
            boolean counts = r.leaf();
            out.append(
                    String.format(
                            Locale.ROOT,
                            format,
                            label(r),
                            dims(r.cost().output().toString()),
                            counts && r.cost().parameters() > 0
                                    ? grouped(r.cost().parameters())
                                    : "",
                            counts && r.cost().macs() > 0 ? grouped(r.cost().macs()) : ""));
        }
        out.append(
                String.format(
                        Locale.ROOT,
                        "%n%s parameters (%s), %s buffers, %s MACs, %s of activations for one"
                                + " sample%n",
                        grouped(total.parameters()),
                        bytes(Float.BYTES * total.parameters()),
                        grouped(total.buffers()),
                        grouped(total.macs()),
                        bytes(total.activationBytes())));
        return out.toString();
    }

    private static String label(Row r) {
        return "  ".repeat(r.depth())
                + r.name()
                + "  "
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
        if (n < 1 << 20) {
            return String.format(Locale.ROOT, "%.1f KiB", n / 1024.0);
        }
        return n < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", n / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", n / (double) (1 << 30));
    }
}
