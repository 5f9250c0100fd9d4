package io.residuum.engine.torch;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Modules that hold lists of tensors, from the source of their methods. */
public final class TorchModule {
    /** DJL's setting for a user's own modules. */
    private static final String OPTIMIZER = "ai.djl.pytorch.graph_optimizer";

    private TorchModule() {}

    /**
     * Compiles a module.
     *
     * @param lists its attributes, empty lists of tensors at first
     * @param methods their source, indented for a class
     * @param manager frees it
     */
    public static PtSymbolBlock load(List<String> lists, String methods, PtNDManager manager) {
        String code =
                """
                class Program(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                %s
                """
                                .formatted(
                                        lists.stream()
                                                .map(name -> "  " + name + " : List[Tensor]")
                                                .collect(Collectors.joining("\n")))
                        + methods;
        Pickler data =
                new Pickler()
                        .global("__torch__", "Program")
                        .emptyTuple()
                        .object()
                        .emptyDictionary()
                        .mark()
                        .text("training")
                        .flag(true);
        for (String list : lists) {
            data.text(list)
                    .global("torch.jit._pickle", "restore_type_tag")
                    .mark()
                    .emptyList()
                    .text("List[Tensor]")
                    .tuple()
                    .reduce();
        }
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try {
            ScriptArchive.begin(archive, code, data.items().build().end()).close();
            return JniUtils.loadModule(
                    manager, new ByteArrayInputStream(archive.toByteArray()), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a method that gives nothing back, and frees its arguments. */
    public static void call(PtSymbolBlock module, String method, IValue... arguments) {
        try (IValue none = IValueUtils.runMethod(module, method, arguments)) {
            // There is nothing in it.
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /**
     * Runs a module as it is written. PyTorch's optimizer rewrites the graph in the first runs and
     * again for new shapes, which takes seconds for large networks and gains nothing: the kernels
     * are the same.
     */
    public static <T> T plainly(Supplier<T> run) {
        JniUtils.setGraphExecutorOptimize(false);
        try {
            return run.get();
        } finally {
            JniUtils.setGraphExecutorOptimize(
                    Boolean.parseBoolean(System.getProperty(OPTIMIZER, "true")));
        }
    }
}
