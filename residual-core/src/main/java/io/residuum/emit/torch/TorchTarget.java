package io.residuum.emit.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import io.residuum.engine.torch.TorchModule;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.LeafArrays;
import io.residuum.graph.Node;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs graphs on PyTorch. A graph becomes the source of a TorchScript module, which the engine
 * compiles. The module holds the weights' arrays themselves: they are shared, and gradients reach
 * them.
 */
public final class TorchTarget implements Target {
    private static final Logger LOG = LoggerFactory.getLogger(TorchTarget.class);

    /** The batch size to fuse for; 0 for no fusion. */
    private final int batch;

    /** Creates a target whose programs pass gradients and see changes of their weights. */
    public TorchTarget() {
        this(0);
    }

    private TorchTarget(int batch) {
        this.batch = batch;
    }

    /**
     * {@return a target that fuses convolutions and linear layers with following sums and
     * activations, on a CPU where PyTorch has oneDNN and on a GPU where it has cuDNN} Its programs
     * pass no gradients and keep copies of the weights. Create them again after a change of
     * weights.
     *
     * @param batch the batch size that the weights' layout is for, positive. Other sizes work, but
     *     a layout for one sample is slow for many, and a layout for many is slow for one
     */
    public static TorchTarget fused(int batch) {
        return new TorchTarget(batch);
    }

    @Override
    public boolean servesAnySize(Graph graph) {
        return true;
    }

    @Override
    public Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner) {
        if (batch > 0) {
            FusedKernels kernels =
                    owner.getDevice().isGpu() ? new CudnnKernels() : new OneDnnKernels();
            try {
                return program(graph, weights, prepared, owner, Fusion.of(graph, kernels));
            } catch (EngineException e) {
                LOG.debug("this PyTorch cannot fuse operations", e);
            }
        }
        return program(graph, weights, prepared, owner, Fusion.NONE);
    }

    private Program program(
            Graph graph,
            Map<String, NDArray> weights,
            List<NDArray> prepared,
            NDManager owner,
            Fusion fusion) {
        PtNDManager manager = (PtNDManager) owner.newSubManager();
        try {
            LeafArrays leaves = new LeafArrays(weights, prepared, manager);
            Held held = new Held(batch, node -> (PtNDArray) leaves.value(node));
            String device =
                    manager.getDevice().isGpu()
                            ? "torch.device(\"cuda:" + manager.getDevice().getDeviceId() + "\")"
                            : "torch.device(\"cpu\")";
            String forward = TorchCode.forward(graph, device, held::of, fusion);
            PtSymbolBlock module =
                    TorchModule.load(List.of("held"), held.method() + forward, manager);
            TorchModule.call(
                    module, "hold", IValue.listFrom(held.arrays.toArray(PtNDArray[]::new)));
            // The module holds them, or a reordered copy.
            prepared.forEach(NDArray::close);
            return new TorchProgram(
                    module, manager, owner, graph.inputs().size() + graph.draws().size());
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** The arrays of a module: those passed to it, and reordered weights. */
    private static final class Held {
        private final int batch;
        private final Function<Node, PtNDArray> source;
        private final Map<Object, Integer> argumentIndices = new HashMap<>();
        private final List<PtNDArray> arrays = new ArrayList<>();
        private final Map<Object, Integer> indices = new HashMap<>();
        private final List<String> expressions = new ArrayList<>();

        Held(int batch, Function<Node, PtNDArray> source) {
            this.batch = batch;
            this.source = source;
        }

        /** Returns the expression of a leaf, or of the reordered weights of a product. */
        String of(Node node) {
            boolean leaf = node.operation().isLeaf();
            int index =
                    indices.computeIfAbsent(
                            leaf ? key(node) : node,
                            key -> {
                                expressions.add(
                                        leaf
                                                ? argument(node)
                                                : OneDnnKernels.reorder(
                                                        node, argument(node.input(1)), batch));
                                return expressions.size() - 1;
                            });
            return "self.held[" + index + "]";
        }

        private String argument(Node leaf) {
            int index =
                    argumentIndices.computeIfAbsent(
                            key(leaf),
                            key -> {
                                arrays.add(source.apply(leaf));
                                return arrays.size() - 1;
                            });
            return "arrays[" + index + "]";
        }

        /** Compares weights and prepared values by name, and constants by node. */
        private static Object key(Node leaf) {
            return leaf.operation() instanceof Leaf.Constant ? leaf : leaf.operation();
        }

        String method() {
            return """
              def hold(self, arrays: List[Tensor]) -> NoneType:
                self.held = [%s]
                return None
            """
                    .formatted(String.join(", ", expressions));
        }
    }
}
