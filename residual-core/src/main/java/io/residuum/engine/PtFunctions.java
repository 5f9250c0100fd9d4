package io.residuum.engine;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import io.residuum.engine.torch.TorchModule;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Calls functions of PyTorch that DJL lacks, through TorchScript, which records gradients. */
final class PtFunctions {
    /** One module per expression: DJL passes only tensors to a module that records gradients. */
    private static final Map<String, PtSymbolBlock> COMPILED = new ConcurrentHashMap<>();

    private PtFunctions() {}

    /**
     * {@return the value of an expression}
     *
     * @param expression TorchScript that reads the arrays as {@code x0}, {@code x1}, ...
     * @param arrays the arrays; the result belongs to the manager of the first
     */
    static NDArray call(String expression, NDArray... arrays) {
        PtSymbolBlock module =
                COMPILED.computeIfAbsent(expression, e -> compiled(e, arrays.length));
        NDList inputs = new NDList(arrays);
        return TorchModule.withoutGraphOptimizer(() -> IValueUtils.forward(module, inputs, true))
                .singletonOrThrow();
    }

    private static PtSymbolBlock compiled(String expression, int arrays) {
        String arguments =
                IntStream.range(0, arrays)
                        .mapToObj(i -> ", x" + i + ": Tensor")
                        .collect(Collectors.joining());
        String method =
                "  def forward(self%s) -> Tensor:\n    return %s\n"
                        .formatted(arguments, expression);
        PtNDManager manager =
                (PtNDManager) Engine.getEngine(EngineChoice.PYTORCH.engineName()).newBaseManager();
        return TorchModule.load(List.of(), method, manager);
    }
}
