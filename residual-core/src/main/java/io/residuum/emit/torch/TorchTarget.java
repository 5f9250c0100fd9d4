package io.residuum.emit.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import io.residuum.engine.Values;
import io.residuum.engine.torch.TorchModule;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
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
 * Runs graphs by PyTorch: a graph becomes the source of a TorchScript module, which the engine
 * compiles. The module holds the arrays of the weights themselves, so that they are shared and
 * gradients reach them.
 */
public final class TorchTarget implements Target {
    private static final Logger LOG = LoggerFactory.getLogger(TorchTarget.class);

    /** For which it fuses; 0 if it does not. */
    private final int batch;

    /** Creates a target whose programs pass gradients and follow their weights. */
    public TorchTarget() {
        this(0);
    }

    private TorchTarget(int batch) {
        this.batch = batch;
    }

    /**
     * A target that has a CPU run convolutions and linear layers together with sums and activations
     * behind them, by oneDNN where PyTorch has it. Its programs pass no gradients, and keep copies
     * of weights: they must be made again when weights change.
     *
     * @param batch the batch that weights are put in order for, positive; others are computed as
     *     well, though an order for one sample is slow for many and the other way round
     * @return the target
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
        if (batch > 0 && !owner.getDevice().isGpu()) {
            try {
                return program(graph, weights, prepared, owner, Fusion.of(graph));
            } catch (EngineException e) {
                LOG.debug("PyTorch fuses nothing here", e);
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
            Held held =
                    new Held(batch, node -> (PtNDArray) array(node, weights, prepared, manager));
            String device =
                    manager.getDevice().isGpu()
                            ? "torch.device(\"cuda:" + manager.getDevice().getDeviceId() + "\")"
                            : "torch.device(\"cpu\")";
            String forward = TorchCode.forward(graph, device, held::of, fusion);
            PtSymbolBlock module =
                    TorchModule.load(List.of("held"), held.method() + forward, manager);
            TorchModule.call(
                    module, "hold", IValue.listFrom(held.arrays.toArray(PtNDArray[]::new)));
            // The module has them, or their like in another order.
            prepared.forEach(NDArray::close);
            return new TorchProgram(
                    module, manager, owner, graph.inputs().size() + graph.draws().size());
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static NDArray array(
            Node node, Map<String, NDArray> weights, List<NDArray> prepared, NDManager manager) {
        Operation operation = node.operation();
        if (operation instanceof Leaf.Weight weight) {
            NDArray array = weights.get(weight.path());
            if (array == null) {
                throw new IllegalArgumentException(
                        "weights must hold an array for each of the graph's, found none for "
                                + weight.path());
            }
            return array;
        }
        if (operation instanceof Leaf.Prepared p) {
            return prepared.get(p.index());
        }
        double[] values = ((Leaf.Constant) operation).values();
        return Values.create(manager, values, node.shape().fixed(), node.type());
    }

    /** The arrays of a module: as they are given, and weights in another order. */
    private static final class Held {
        private final int batch;
        private final Function<Node, PtNDArray> source;
        private final Map<Object, Integer> given = new HashMap<>();
        private final List<PtNDArray> arrays = new ArrayList<>();
        private final Map<Object, Integer> places = new HashMap<>();
        private final List<String> expressions = new ArrayList<>();

        Held(int batch, Function<Node, PtNDArray> source) {
            this.batch = batch;
            this.source = source;
        }

        /** The expression of a leaf, or of the packed weights of a product. */
        String of(Node node) {
            boolean leaf = node.operation().isLeaf();
            int place =
                    places.computeIfAbsent(
                            leaf ? key(node) : node,
                            key -> {
                                expressions.add(
                                        leaf
                                                ? given(node)
                                                : Fusion.pack(node, given(node.input(1)), batch));
                                return expressions.size() - 1;
                            });
            return "self.held[" + place + "]";
        }

        private String given(Node leaf) {
            int index =
                    given.computeIfAbsent(
                            key(leaf),
                            key -> {
                                arrays.add(source.apply(leaf));
                                return arrays.size() - 1;
                            });
            return "arrays[" + index + "]";
        }

        /** Weights and prepared values are equal by name, constants are not. */
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
