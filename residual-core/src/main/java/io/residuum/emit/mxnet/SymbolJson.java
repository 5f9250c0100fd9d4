package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** The JSON of an MXNet symbol, node by node. */
final class SymbolJson {
    /** MXNet converts the attributes of symbols that are older than itself. */
    private static final int VERSION = 10900;

    private final StringBuilder nodes = new StringBuilder();
    private final StringJoiner variables = new StringJoiner(", ");
    private int count;

    /** One output of one node. */
    record Entry(int node, int output) {
        /** Another output of the same node. */
        Entry output(int i) {
            return new Entry(node, i);
        }

        String json() {
            return "[" + node + ", " + output + ", 0]";
        }
    }

    /** An argument of the symbol. */
    Entry variable(String name) {
        variables.add(Integer.toString(count));
        return node("null", name, "", List.of());
    }

    /**
     * An operation.
     *
     * @param name MXNet's name of it
     * @param attributes names and values in turn; a shape or a list is written as a tuple
     */
    Entry operation(String name, List<Entry> inputs, Object... attributes) {
        StringJoiner out = new StringJoiner(", ", ", \"attrs\": {", "}");
        for (int i = 0; i < attributes.length; i += 2) {
            out.add(quoted(attributes[i].toString()) + ": " + quoted(text(attributes[i + 1])));
        }
        String unique = name.toLowerCase(Locale.ROOT) + "_" + count;
        return node(name, unique, attributes.length == 0 ? "" : out.toString(), inputs);
    }

    private static String text(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof Shape shape) {
            return text(Arrays.stream(shape.getShape()).boxed().toList());
        }
        if (value instanceof List<?> items) {
            StringJoiner out = new StringJoiner(", ", "(", items.size() == 1 ? ",)" : ")");
            items.forEach(item -> out.add(item.toString()));
            return out.toString();
        }
        return value.toString();
    }

    private Entry node(String operation, String name, String attributes, List<Entry> inputs) {
        StringJoiner from = new StringJoiner(", ", "[", "]");
        inputs.forEach(in -> from.add(in.json()));
        nodes.append(count == 0 ? "\n" : ",\n")
                .append("{\"op\": ")
                .append(quoted(operation))
                .append(", \"name\": ")
                .append(quoted(name))
                .append(attributes)
                .append(", \"inputs\": ")
                .append(from)
                .append('}');
        return new Entry(count++, 0);
    }

    /** The whole symbol. */
    String json(List<Entry> outputs) {
        StringJoiner heads = new StringJoiner(", ");
        outputs.forEach(out -> heads.add(out.json()));
        return "{\"nodes\": ["
                + nodes
                + "],\n\"arg_nodes\": ["
                + variables
                + "],\n\"heads\": ["
                + heads
                + "],\n\"attrs\": {\"mxnet_version\": [\"int\", "
                + VERSION
                + "], \"is_np_shape\": [\"int\", 1]}}\n";
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
