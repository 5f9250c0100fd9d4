package io.residuum.emit.torch;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.torch.Pickler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The modules of an exported network: one for each part of the weights' dotted paths, so that their
 * names in PyTorch are their paths here.
 */
final class TorchModules {

    /**
     * A tensor of the file.
     *
     * @param key of its elements in the archive
     * @param storage PyTorch's name for a list of such elements
     * @param shape its shape
     * @param trained whether it is a parameter, not a buffer
     */
    record Tensor(int key, String storage, Shape shape, boolean trained) {}

    private final Map<String, TorchModules> children = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Puts a tensor where its path says. */
    void add(String path, Tensor tensor) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            tensors.put(path, tensor);
        } else {
            children.computeIfAbsent(path.substring(0, dot), name -> new TorchModules())
                    .add(path.substring(dot + 1), tensor);
        }
    }

    /** The expression of a tensor in a method of the outermost module. */
    static String access(String path) {
        String expression = "self";
        for (String name : path.split("\\.", -1)) {
            expression =
                    TorchNames.isUsable(name)
                            ? expression + "." + name
                            : "getattr(" + expression + ", \"" + name + "\")";
        }
        return expression;
    }

    /**
     * The classes of these modules, children first.
     *
     * @param methods of the outermost
     * @return source; the outermost is {@code Net}
     */
    String code(String methods) {
        Map<String, String> names = new LinkedHashMap<>();
        String body = body(names) + methods;
        StringBuilder out = new StringBuilder();
        names.forEach((content, name) -> out.append(declared(name, content)));
        return out.append(declared("Net", body)).toString();
    }

    private static String declared(String name, String body) {
        return "class " + name + "(Module):\n" + body;
    }

    /** Returns the body of the class of this module; equal modules share a class. */
    private String body(Map<String, String> classes) {
        List<String> attributes = new ArrayList<>();
        StringJoiner parameters = new StringJoiner("");
        StringJoiner buffers = new StringJoiner("");
        tensors.forEach(
                (name, tensor) -> {
                    attributes.add(attribute(name, "Tensor"));
                    (tensor.trained() ? parameters : buffers).add("\"" + name + "\", ");
                });
        attributes.add(attribute("training", "bool"));
        children.forEach(
                (name, child) ->
                        attributes.add(attribute(name, "__torch__." + child.className(classes))));
        return "  __parameters__ = ["
                + parameters
                + "]\n  __buffers__ = ["
                + buffers
                + "]\n"
                + String.join("", attributes);
    }

    private String className(Map<String, String> classes) {
        String body = body(classes);
        return classes.computeIfAbsent(body, b -> "Module" + classes.size());
    }

    private static String attribute(String name, String type) {
        return TorchNames.isUsable(name) || name.equals("training")
                ? "  " + name + " : " + type + "\n"
                : "  __annotations__[\"" + name + "\"] = " + type + "\n";
    }

    /** The modules as an archive holds them. */
    byte[] data() {
        Pickler out = new Pickler();
        Map<String, String> classes = new LinkedHashMap<>();
        body(classes);
        write(out, "Net", classes);
        return out.end();
    }

    private void write(Pickler out, String type, Map<String, String> classes) {
        out.global("__torch__", type).emptyTuple().object().emptyDictionary().mark();
        tensors.forEach((name, tensor) -> write(out.text(name), tensor));
        out.text("training").flag(false);
        children.forEach(
                (name, child) -> child.write(out.text(name), child.className(classes), classes));
        out.items().build();
    }

    private static void write(Pickler out, Tensor tensor) {
        out.global("torch._utils", "_rebuild_tensor_v2").mark();
        out.mark()
                .text("storage")
                .global("torch", tensor.storage())
                .text(Integer.toString(tensor.key()))
                .text("cpu")
                .number(tensor.shape().size())
                .tuple()
                .persistent();
        out.number(0);
        long[] dims = tensor.shape().getShape();
        numbers(out, dims);
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        numbers(out, strides);
        out.flag(tensor.trained());
        out.global("collections", "OrderedDict").emptyTuple().reduce();
        out.tuple().reduce();
    }

    private static void numbers(Pickler out, long[] values) {
        out.mark();
        for (long value : values) {
            out.number(value);
        }
        out.tuple();
    }
}
