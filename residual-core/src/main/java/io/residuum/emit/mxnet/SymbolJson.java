package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.Shape;
import io.residuum.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Builds the JSON of an MXNet symbol, node by node. */
final class SymbolJson {
    /** The version of the attributes: MXNet converts those of symbols from older versions. */
    private static final int VERSION = 10900;

    private final List<Json> nodes = new ArrayList<>();
    private final List<Integer> variables = new ArrayList<>();

    /** One output of one node. */
    record Entry(int node, int output) {

        Entry output(int i) {
            return new Entry(node, i);
        }

        List<Integer> json() {
            return List.of(node, output, 0);
        }
    }

    /** Adds an argument of the symbol. */
    Entry variable(String name) {
        variables.add(nodes.size());
        return node("null", name, Map.of(), List.of());
    }

    /**
     * Adds an operation.
     *
     * @param name MXNet's name of the operation
     * @param attributes alternating names and values; a shape or list becomes a tuple
     */
    Entry operation(String name, List<Entry> inputs, Object... attributes) {
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            named.put(attributes[i].toString(), text(attributes[i + 1]));
        }
        String unique = name.toLowerCase(Locale.ROOT) + "_" + nodes.size();
        return node(name, unique, named, inputs);
    }

    /** Adds an operation of one input without attributes, under a new name. */
    Entry named(String operation, String name, Entry input) {
        return node(operation, name, Map.of(), List.of(input));
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

    private Entry node(
            String operation, String name, Map<String, String> attributes, List<Entry> inputs) {
        Json.Obj node = Json.object("op", operation, "name", name);
        if (!attributes.isEmpty()) {
            node = node.with("attrs", attributes);
        }
        nodes.add(node.with("inputs", inputs.stream().map(Entry::json).toList()));
        return new Entry(nodes.size() - 1, 0);
    }

    /** Returns the complete symbol. */
    String json(List<Entry> outputs) {
        Json.Obj version =
                Json.object(
                        "mxnet_version", List.of("int", VERSION),
                        "is_np_shape", List.of("int", 1));
        return Json.object(
                        "nodes", nodes,
                        "arg_nodes", variables,
                        "heads", outputs.stream().map(Entry::json).toList(),
                        "attrs", version)
                .pretty();
    }
}
