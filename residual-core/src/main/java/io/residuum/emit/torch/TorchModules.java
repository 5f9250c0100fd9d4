package io.residuum.emit.torch;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.torch.Pickler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The modules of an exported network, one per component of the weights' dotted paths. So weights
 * have the same names in PyTorch.
 */
final class TorchModules {

    /**
     * A tensor of the file.
     *
     * @param key the key of its elements in the archive
     * @param storage PyTorch's storage class for its elements
     * @param shape the shape
     * @param trained true for a parameter, false for a buffer
     */
    record Tensor(int key, String storage, Shape shape, boolean trained) {}

    private final Map<String, TorchModules> children = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * Returns the path in the file: a root named as the method {@code forward} gets another name.
     */
    static String path(String path) {
        return path.matches("forward(\\..*)?") ? "forward_" + path.substring(7) : path;
    }

    /** Adds a tensor at a dotted path. */
    void add(String path, Tensor tensor) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            tensors.put(path, tensor);
        } else {
            children.computeIfAbsent(path.substring(0, dot), name -> new TorchModules())
                    .add(path.substring(dot + 1), tensor);
        }
    }

    /** Returns the expression of a tensor in a method of the outermost module. */
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
     * {@return the source of these modules' classes, children first; the outermost is {@code Net}}
     *
     * @param methods the methods of the outermost class
     */
    String code(String methods) {
        Map<String, String> names = new LinkedHashMap<>();
        String body = body(names) + methods;
        StringBuilder out = new StringBuilder();
        names.forEach((content, name) -> out.append(declaration(name, content)));
        return out.append(declaration("Net", body)).toString();
    }

    private static String declaration(String name, String body) {
        return "class " + name + "(Module):\n" + body;
    }

    /** Returns the body of this module's class. Equal modules share a class. */
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

    /** Returns the pickled modules. */
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
