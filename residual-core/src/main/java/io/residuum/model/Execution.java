package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.compile.CompileContext;
import io.residuum.compile.CompileListener;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.GraphRunner;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.nn.SideInputs;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final List<String> unreadHeads;
    private final @Nullable ForwardHook hook;

    Execution(
            BuiltNetwork network, Backend backend, NDManager manager, @Nullable ForwardHook hook) {
        this.hook = hook;
        this.network = network;
        this.block = network.block();
        this.backend = backend;
        this.store = new ParameterStore(manager, false);
        this.sideInputs = block.sideInputs();
        this.unreadHeads = OneOutput.unreadHeads(block);
        network.parameters().values().forEach(p -> store.getValue(p, backend.device(), false));
    }

    private ForwardPass pass(NDList inputs, boolean training) {
        ForwardPass pass = ForwardPass.of(store, inputs, training);
        return hook == null ? pass : pass.withHook(hook);
    }

    private NDList checked(NDList inputs, boolean complete) {
        network.spec().input().requireFits(inputs, network.type());
        return sideInputs.require(inputs, network.type(), complete);
    }

    /** Every call checks this, so only the message walks the network. */
    private void requireOneOutput(String use) {
        if (!unreadHeads.isEmpty() || block.outputNames().size() > 1) {
            network.requireOneHead(use);
        }
    }

    NDArray forward(NDList given, boolean training) {
        requireOneOutput(training ? "training" : "a prediction");
        NDList inputs = checked(given, true);
        return block.forward(pass(inputs, training), inputs.head());
    }

    NDList forwardAll(NDList given, boolean training) {
        if (!unreadHeads.isEmpty()) {
            network.requireNoUnreadHead("a forward pass");
        }
        NDList inputs = checked(given, true);
        return block.forward(pass(inputs, training), new NDList(inputs.head()));
    }

    ForwardPass trainingPass(NDList given) {
        return pass(checked(given, true), true);
    }

    private NDList evaluate(NDList inputs) {
        return block.forward(pass(inputs, false), new NDList(inputs.head()));
    }

    NDArray predict(NDList given, @Nullable Compiler compiler) {
        requireOneOutput("a prediction");
        return outputs(given, compiler).singletonOrThrow();
    }

    Map<String, NDArray> predictAll(NDList given, @Nullable Compiler compiler) {
        List<String> names = new ArrayList<>(block.outputNames());
        names.addAll(unreadHeads);
        NDList outputs = unreadHeads.isEmpty() ? outputs(given, compiler) : withHeads(given);
        Map<String, NDArray> all = new LinkedHashMap<>();
        Set<NDArray> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.addAll(given);
        for (NDArray output : outputs) {
            // The caller closes each, so an input or another output must not be the same array.
            all.put(names.get(all.size()), seen.add(output) ? output : output.duplicate());
        }
        return all;
    }

    private NDList withHeads(NDList given) {
        List<String> names = new ArrayList<>();
        // The path of the network is empty.
        block.outputNames().forEach(name -> names.add(":" + name));
        names.addAll(unreadHeads);
        return new NDList(features(given, names).values());
    }

    private NDList outputs(NDList given, @Nullable Compiler compiler) {
        NDList inputs = checked(given, true);
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            return compiler == null || hook != null
                    ? evaluate(inputs)
                    : compiler.runAll(inputs, this::evaluate);
        }
    }

    NDArray predictNext(NDList given, @Nullable ArrayCache cache, @Nullable Compiler compiler) {
        requireOneOutput("a prediction");
        Shape output = block.outputShape();
        if (output.dimension() != 3) {
            throw new IllegalArgumentException(
                    "predictNext needs a network whose output is (N, T, vocabulary), got "
                            + output
                            + ": use a language model, or predict");
        }
        // The cache holds what the first pass read, such as the source.
        NDList inputs = checked(given, cache == null || cache.isEmpty());
        Supplier<NDArray> operations = () -> lastPosition(inputs, cache);
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            int added = Math.toIntExact(inputs.head().getShape().get(1));
            NDArray y;
            if (compiler == null || hook != null || cache == null) {
                y = operations.get();
            } else if (cache.length() == 0) {
                ForwardPass pass = ForwardPass.of(store, inputs, false).withCache(cache);
                y = compiler.first(inputs, cache, pass, operations);
            } else if (!cache.isEmpty() && added == 1) {
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

    private NDArray lastPosition(NDList inputs, @Nullable ArrayCache cache) {
        ForwardPass pass =
                pass(inputs, false).withCache(cache).withLastPositionOnly(Chain.head(block));
        return block.forward(pass, inputs.head());
    }

    /** Computes the first pass over sequences, with the arrays for their cache. */
    private NDList prompt(NDList inputs) {
        try (ArrayCache cache = new ArrayCache(inputs.head().getManager())) {
            NDList all = new NDList(lastPosition(inputs, cache));
            cache.advance(Math.toIntExact(inputs.head().getShape().get(1)));
            NDList arrays = cache.arrays();
            arrays.attach(inputs.head().getManager());
            all.addAll(arrays);
            return all;
        }
    }

    Map<String, NDArray> features(NDList given, Collection<String> names) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        block.walk(layers::put);
        Map<Layer, Map<String, Integer>> wanted = new IdentityHashMap<>();
        Map<String, NDArray> found = new HashMap<>();
        for (String name : names) {
            int colon = name.indexOf(':');
            Layer layer = layers.get(colon < 0 ? name : name.substring(0, colon));
            if (layer == null) {
                throw new SpecException(
                        "features must name layers of the network, got \"%s\": its parts are %s"
                                .formatted(name, block.children().keySet()));
            }
            wanted.computeIfAbsent(layer, l -> new HashMap<>())
                    .put(name, output(layer, name, colon));
        }
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            observe(
                    given,
                    false,
                    (layer, outputs) ->
                            wanted.getOrDefault(layer, Map.of())
                                    .forEach((n, i) -> found.put(n, outputs.get(i))));
        }
        Map<String, NDArray> ordered = new LinkedHashMap<>();
        for (String name : names) {
            NDArray output = found.get(name);
            if (output == null) {
                throw new SpecException(
                        "features must name layers that a forward pass runs, got \"%s\", whose parameters the layer around it reads: name that one"
                                .formatted(name));
            }
            ordered.put(name, output);
        }
        return ordered;
    }

    NDList observe(NDList given, boolean batchStatistics, ForwardHook hook) {
        NDList inputs = checked(given, true);
        ForwardPass pass =
                ForwardPass.of(store, inputs, batchStatistics).withoutDropout().withHook(hook);
        return block.forward(pass, new NDList(inputs.head()));
    }

    /** Returns the index of the output that a name asks for. */
    private static int output(Layer layer, String name, int colon) {
        List<String> outputs = layer.outputNames();
        int index =
                colon >= 0
                        ? outputs.indexOf(name.substring(colon + 1))
                        : outputs.size() == 1 ? 0 : -1;
        Check.that(
                index >= 0,
                "features must name one output of a layer, got \"%s\": its outputs are %s, so write"
                        + " for instance \"%s:%s\"",
                name,
                outputs,
                colon < 0 ? name : name.substring(0, colon),
                outputs.get(0));
        return index;
    }

    Compiler compiler(
            CompileOptions options,
            boolean training,
            CompileListener listener,
            Quantization quantization) {
        return new Compiler(context(options, training, listener, quantization), this::prompt);
    }

    GraphRunner graphRunner() {
        return new GraphRunner(
                context(CompileOptions.DEFAULT, false, reason -> {}, Quantization.NONE));
    }

    private CompileContext context(
            CompileOptions options,
            boolean training,
            CompileListener listener,
            Quantization quantization) {
        Function<NDList, NDList> reference =
                inputs ->
                        training
                                ? block.forward(
                                        ForwardPass.of(store, inputs, true).withoutDropout(),
                                        new NDList(inputs.head()))
                                : evaluate(inputs);
        return new CompileContext(
                block,
                network.parameters(),
                backend,
                options,
                training,
                false,
                reference,
                listener,
                quantization);
    }
}
