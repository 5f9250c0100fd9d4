package io.residuum.graph.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs graphs by PyTorch: a graph becomes the source of a TorchScript module, which the engine
 * compiles. The module holds the arrays of the weights themselves, so that they are shared and
 * gradients reach them.
 */
public final class TorchTarget implements Target {

    /** Creates the target. */
    public TorchTarget() {}

    @Override
    public Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner) {
        PtNDManager manager = (PtNDManager) owner.newSubManager();
        try {
            Map<Object, Integer> places = new LinkedHashMap<>();
            List<PtNDArray> held = new ArrayList<>();
            for (Node node : graph.nodes()) {
                Object key = key(node);
                if (key != null && places.putIfAbsent(key, held.size()) == null) {
                    held.add((PtNDArray) array(node, weights, prepared, manager));
                }
            }
            String device =
                    manager.getDevice().isGpu()
                            ? "torch.device(\"cuda:" + manager.getDevice().getDeviceId() + "\")"
                            : "torch.device(\"cpu\")";
            String forward =
                    TorchCode.forward(
                            graph, device, node -> "self.held[" + places.get(key(node)) + "]");
            PtSymbolBlock module = load(forward, manager);
            try (IValue list = IValue.listFrom(held.toArray(PtNDArray[]::new));
                    IValue none = IValueUtils.runMethod(module, "hold", list)) {
                return new TorchProgram(
                        module, manager, owner, graph.inputs().size() + graph.draws().size());
            }
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** What tells one held array from another; null for what is not held. */
    private static @Nullable Object key(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Weight || operation instanceof Operation.Prepared) {
            return operation;
        }
        return operation instanceof Operation.Constant ? node : null;
    }

    private static NDArray array(
            Node node, Map<String, NDArray> weights, List<NDArray> prepared, NDManager manager) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Weight weight) {
            NDArray array = weights.get(weight.path());
            if (array == null) {
                throw new IllegalArgumentException(
                        "weights must hold an array for each of the graph's, found none for "
                                + weight.path());
            }
            return array;
        }
        if (operation instanceof Operation.Prepared p) {
            return prepared.get(p.index());
        }
        double[] values = ((Operation.Constant) operation).values();
        return manager.create(values, node.shape()).toType(node.type(), false);
    }

    private static PtSymbolBlock load(String forward, PtNDManager manager) {
        String code =
                """
                class Program(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  held : List[Tensor]
                  def hold(self, arrays: List[Tensor]) -> NoneType:
                    self.held = arrays
                    return None
                """
                        + forward;
        byte[] data =
                new Pickler()
                        .global("__torch__", "Program")
                        .emptyTuple()
                        .object()
                        .emptyDictionary()
                        .mark()
                        .text("training")
                        .flag(true)
                        .text("held")
                        .global("torch.jit._pickle", "restore_type_tag")
                        .mark()
                        .emptyList()
                        .text("List[Tensor]")
                        .tuple()
                        .reduce()
                        .items()
                        .build()
                        .end();
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try {
            ScriptArchive.begin(archive, code, data).close();
            return JniUtils.loadModule(
                    manager, new ByteArrayInputStream(archive.toByteArray()), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
