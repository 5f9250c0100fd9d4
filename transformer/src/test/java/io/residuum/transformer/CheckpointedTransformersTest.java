package io.residuum.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.ComputeType;
import io.residuum.compile.ForwardResult;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks, tables and weights that many units read: cut apart, their gradients are the same. */
class CheckpointedTransformersTest {

    /** MXNet refuses the segments of two streams, and its recipes refuse checkpoints anyway. */
    static Stream<Arguments> onEachEngine() {
        return Engines.with(Cases.ALL.keySet())
                .filter(
                        arguments ->
                                arguments.get()[0] != EngineChoice.MXNET
                                        || !arguments.get()[1].equals("evoformer"));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hasTheSameGradients(EngineChoice engine, String name) {
        Map<String, double[]> expected = gradients(engine, name, false);
        gradients(engine, name, true)
                .forEach((path, g) -> Tensors.assertClose(expected.get(path), g, 2e-5, path));
    }

    private static Map<String, double[]> gradients(
            EngineChoice engine, String name, boolean checkpoint) {
        ModelSpec spec = Cases.ALL.get(name);
        Backend backend = Engines.backend(engine);
        CompileOptions options = CompileOptions.training(ComputeType.FLOAT32, checkpoint);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                Compiler compiler = network.compiler(options, true, Assertions::fail);
                NDManager manager = backend.newManager()) {
            network.parameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
            NDList inputs = Cases.inputs(manager, spec, DataType.FLOAT32, 2);
            compiler.prepare(inputs);
            try (GradientCollector collector = backend.newGradientCollector()) {
                ForwardResult pass = compiler.record(inputs, some -> network.forward(some, true));
                NDArray y = pass.output();
                Shape shape = y.getShape();
                NDArray weights = Tensors.random(manager, 9, shape.getShape());
                pass.backward(collector, y.mul(weights).sum());
            }
            return Gradients.of(network);
        }
    }
}
