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

/** Compiles and calls TorchScript modules that hold lists of tensors. */
public final class TorchModule {
    /** DJL's setting for the modules that users load. */
    private static final String OPTIMIZER = "ai.djl.pytorch.graph_optimizer";

    private TorchModule() {}

    /**
     * {@return a compiled module}
     *
     * @param lists the names of its attributes, at first empty lists of tensors
     * @param methods the source of its methods, indented for a class
     * @param manager the owner of the module
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

    /** Calls a method without a result, and frees its arguments. */
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
     * Runs a module without PyTorch's graph optimizer. The optimizer rewrites the graph in the
     * first runs and again for new shapes. That takes seconds for large networks and gains nothing,
     * because the kernels are the same.
     */
    public static <T> T withoutGraphOptimizer(Supplier<T> run) {
        JniUtils.setGraphExecutorOptimize(false);
        try {
            return run.get();
        } finally {
            JniUtils.setGraphExecutorOptimize(
                    Boolean.parseBoolean(System.getProperty(OPTIMIZER, "true")));
        }
    }
}
