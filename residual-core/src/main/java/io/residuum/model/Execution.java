package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.common.collect.Iterables;
import io.residuum.compile.CompileContext;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.PositionWise;
import io.residuum.spec.Check;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs an initialized network, operation by operation or by a compiler's programs. Several threads
 * may call it at once, because the parameter store is filled here and then only read.
 */
final class Execution {
    private final BuiltNetwork network;
    private final Layer block;
    private final Backend backend;
    private final ParameterStore store;
    private final SideInputs sideInputs;

    Execution(BuiltNetwork network, Backend backend, NDManager manager) {
        this.network = network;
        this.block = network.block();
        this.backend = backend;
        this.store = new ParameterStore(manager, false);
        this.sideInputs = block.sideInputs();
        network.parameters().values().forEach(p -> store.getValue(p, backend.device(), false));
    }

    private NDList checked(NDList inputs, boolean complete) {
        InputCheck.check(network.spec().input(), inputs, network.type());
        return sideInputs.require(inputs, network.type(), complete);
    }

    NDArray forward(NDList given, boolean training) {
        network.requireOneHead(training ? "training" : "a prediction");
        NDList inputs = checked(given, true);
        return block.forward(ForwardPass.of(store, inputs, training), inputs.head());
    }

    private NDArray evaluate(NDList inputs) {
        return block.forward(ForwardPass.of(store, inputs, false), inputs.head());
    }

    NDArray predict(NDList given, @Nullable Compiler compiler) {
        network.requireOneHead("a prediction");
        NDList inputs = checked(given, true);
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            return compiler == null ? evaluate(inputs) : compiler.run(inputs, this::evaluate);
        }
    }

    NDArray predictNext(NDList given, @Nullable ArrayCache cache, @Nullable Compiler compiler) {
        network.requireOneHead("a prediction");
        Shape output = block.outputShape();
        if (output.dimension() != 3) {
            throw new IllegalArgumentException(
                    "predictNext needs a network whose output is (N, T, vocabulary), got "
                            + output
                            + ": use a language model, or predict");
        }
        // The cache holds what the first pass read, such as the source.
        NDList inputs = checked(given, cache == null || cache.length() == 0);
        Supplier<NDArray> operations =
                () ->
                        block.forward(
                                ForwardPass.of(store, inputs, false)
                                        .withCache(cache)
                                        .withLastPositionOnly(head()),
                                inputs.head());
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            int added = Math.toIntExact(inputs.head().getShape().get(1));
            NDArray y;
            if (compiler != null && cache != null && cache.length() > 0 && added == 1) {
                ForwardPass pass = ForwardPass.of(store, inputs, false).withCache(cache);
                y = compiler.next(inputs, cache, pass, operations);
            } else {
                y = operations.get();
            }
            if (cache != null) {
                cache.advance(added);
            }
            return y.getShape().get(1) == 1 ? y : y.get(new NDIndex(":, -1:"));
        }
    }

    /**
     * Returns the head if it works by position, so that unused positions can skip it; null
     * otherwise.
     */
    private @Nullable Layer head() {
        Layer last = block;
        while (last instanceof Chain) {
            last = Iterables.getLast(last.children().values(), null);
        }
        return last instanceof PositionWise ? last : null;
    }

    Map<String, NDArray> features(NDList given, Collection<String> names) {
        NDList inputs = checked(given, true);
        Map<String, Layer> layers = new LinkedHashMap<>();
        block.walk(layers::put);
        Map<Layer, String> wanted = new IdentityHashMap<>();
        Map<String, NDArray> found = new LinkedHashMap<>();
        for (String name : names) {
            Layer layer = layers.get(name);
            Check.that(
                    layer != null,
                    "features must name layers of the network, got \"%s\": its parts are %s",
                    name,
                    block.children().keySet());
            wanted.put(layer, name);
            // A placeholder: results are in the order of the names.
            found.put(name, inputs.head());
        }
        ForwardPass pass =
                ForwardPass.of(store, inputs, false)
                        .withHook(
                                (layer, output) -> {
                                    String name = wanted.get(layer);
                                    if (name != null) {
                                        found.put(name, output);
                                    }
                                });
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            block.forward(pass, inputs.head());
        }
        return found;
    }

    Compiler compiler(CompileOptions options, boolean training, Consumer<String> notes) {
        Function<NDList, NDArray> reference =
                inputs ->
                        training
                                ? block.forward(
                                        ForwardPass.of(store, inputs, true).withoutDropout(),
                                        inputs.head())
                                : evaluate(inputs);
        return new Compiler(
                new CompileContext(
                        block, network.parameters(), backend, options, training, reference, notes));
    }
}
