package io.residuum.recurrent;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.ComputeType;
import io.residuum.compile.ForwardResult;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Recurrent layers: names, costs, masks, lengths and errors. */
class RecurrentTest {

    private static LayerSpec layer(String json) {
        return SpecJson.standard().parse(json.replace('\'', '"'), "test", LayerSpec.class);
    }

    private static ModelSpec spec(String json, Integer... sample) {
        return Nets.spec(layer(json), sample);
    }

    private static String error(String json, Integer... sample) {
        return assertThrows(SpecException.class, () -> spec(json, sample).newBlock()).getMessage();
    }

    private static Map<String, Shape> shapes(ModelSpec spec) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        spec.newBlock().namedParameters().forEach((path, p) -> shapes.put(path, p.getShape()));
        return shapes;
    }

    @Test
    void namesFollowLayersAndDirections() {
        ModelSpec lstm = spec("{'type': 'lstm', 'units': 4, 'direction': 'both'}", 5, 3);
        assertEquals(
                "{l0.forward.ih.weight=(16, 3), l0.forward.ih.bias=(16),"
                        + " l0.forward.hh.weight=(16, 4), l0.forward.hh.bias=(16),"
                        + " l0.backward.ih.weight=(16, 3), l0.backward.ih.bias=(16),"
                        + " l0.backward.hh.weight=(16, 4), l0.backward.hh.bias=(16)}",
                shapes(lstm).toString());
        assertEquals(
                "{l0.forward.ih.weight=(4, 3), l0.forward.ih.bias=(4),"
                        + " l0.forward.unit.branch.hh.weight=(4, 4),"
                        + " l0.forward.unit.branch.hh.bias=(4)}",
                shapes(spec("{'type': 'residualRnn', 'units': 4}", 5, 3)).toString());
        assertEquals(
                List.of("l1", "h_l0", "h_l0_reverse", "h_l1", "h_l1_reverse"),
                spec(
                                "{'type': 'gru', 'units': 4, 'layers': 2, 'direction': 'both',"
                                        + " 'lastStates': true}",
                                5,
                                3)
                        .newBlock()
                        .outputNames());
    }

    @Test
    void familiesExpandToGraphsThatReadBack() {
        SpecJson json = SpecJson.standard();
        for (String family : List.of("lstm", "lstm1997", "gru", "rnn", "residualRnn")) {
            ModelSpec spec =
                    spec(
                            "{'type': '%s', 'units': 4, 'layers': 2, 'dropout': 0.5, 'lastStates': true}"
                                    .formatted(family),
                            5,
                            3);
            assertEquals(spec, json.parse(json.write(spec), family, ModelSpec.class));
            ModelSpec expanded = spec.expand();
            assertEquals(expanded, json.parse(json.write(expanded), family, ModelSpec.class));
            assertEquals(shapes(spec), shapes(expanded));
            assertEquals(spec.newBlock().outputNames(), expanded.newBlock().outputNames());
        }
    }

    /** The numbers of PyTorch's layers with a head of the same size. */
    @Test
    void presetsHaveTheParametersOfTheirCells() {
        Map<String, Long> parameters =
                new RecurrentPresets()
                        .presets().stream()
                                .collect(
                                        Collectors.toMap(
                                                Preset::name,
                                                p -> Cost.of(p.spec().newBlock()).parameters()));
        long head = 129 * 10;
        assertEquals(15, parameters.size());
        assertEquals(4 * 128 * (28 + 128 + 2) + head, parameters.get("mnist-rows-lstm"));
        assertEquals(3 * 128 * (28 + 128 + 2) + head, parameters.get("mnist-rows-lstm1997"));
        assertEquals(3 * 128 * (28 + 128 + 2) + head, parameters.get("mnist-rows-gru"));
        assertEquals(128 * (28 + 128 + 2) + head, parameters.get("mnist-rows-rnn"));
        assertEquals(128 * (28 + 128 + 2) + head, parameters.get("mnist-rows-residual-rnn"));
        assertEquals(4 * 100 * (2 + 100 + 2) + 101, parameters.get("adding-400-lstm"));
    }

    @Test
    void costsCountTheCellForEachPosition() {
        Layer block =
                spec("{'type': 'lstm', 'units': 4, 'layers': 2, 'direction': 'both'}", 5, 3)
                        .newBlock();
        Cost cost = Cost.of(block);
        long first = 16 * (3 + 4);
        long second = 16 * (8 + 4);
        assertEquals(2 * 5 * (first + second), cost.macs());
        assertEquals(2 * (first + second + 4 * 16), cost.parameters());
        // One sequence of each layer, and each cell's two maps, sum, four gates and split, five
        // activations, two products, sum and output.
        long cell = 16 * 4 + 9 * 4;
        assertEquals(4 * (2 * 5 * 8 + 4 * 5 * cell), cost.activationBytes());
        assertEquals(new Shape(-1, 9, 8), block.outputShapes(List.of(new Shape(-1, 9, 3))).get(0));
    }

    @EachEngine
    void forgetGatesBeginWithTheirBias(EngineChoice engine) {
        ModelSpec spec = spec("{'type': 'lstm', 'units': 2, 'forgetBias': 1.5}", 5, 3);
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            Map<String, double[]> values = Nets.values(network.parameters());
            assertArrayEquals(
                    new double[] {0, 0, 1.5, 1.5, 0, 0, 0, 0}, values.get("l0.forward.hh.bias"));
            assertArrayEquals(new double[8], values.get("l0.forward.ih.bias"));
            double largest = Tensors.largest(values.get("l0.forward.hh.weight"));
            assertTrue(largest > 0 && largest <= 1 / Math.sqrt(2), "largest weight " + largest);
        }
    }

    /** A batch of sequences of lengths 5 and 3 against each sequence alone: also its gradients. */
    @EachEngine
    void hiddenPositionsChangeNothing(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (String output : List.of("sequence", "last")) {
            ModelSpec spec =
                    spec(
                            "{'type': 'lstm', 'units': 4, 'layers': 2, 'direction': 'both', 'output': '%s'}"
                                    .formatted(output),
                            5,
                            3);
            try (Network network = Nets.shaken(spec, backend, DataType.FLOAT64);
                    NDManager manager = backend.newManager()) {
                double[] values = Tensors.draw(1, 30);
                NDArray both = manager.create(values, new Shape(2, 5, 3));
                NDArray mask = mask(manager, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
                Map<String, double[]> expected = new LinkedHashMap<>();
                double[] sum = new double[1];
                for (NDArray alone : List.of(both.get("0:1"), both.get("1:, 0:3"))) {
                    gradients(network, manager, sum, alone)
                            .forEach((path, g) -> expected.merge(path, g, RecurrentTest::sum));
                }
                double[] found = new double[1];
                Map<String, double[]> gradients = gradients(network, manager, found, both, mask);
                assertEquals(sum[0], found[0], 1e-9, output);
                expected.forEach(
                        (path, g) -> assertClose(g, gradients.get(path), 1e-9, output + path));
            }
        }
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    /** Adds the sum of the outputs' squares to the first number, and returns its gradients. */
    private static Map<String, double[]> gradients(
            Network network, NDManager manager, double[] sum, NDArray... inputs) {
        ParameterStore store = new ParameterStore(network.backend().manager(), false);
        NDList in = new NDList(inputs);
        return gradients(
                network,
                manager,
                sum,
                () ->
                        ForwardResult.of(
                                network.block()
                                        .forward(
                                                ForwardPass.of(store, in, true),
                                                new NDList(in.head()))));
    }

    private static Map<String, double[]> gradients(
            Network network, NDManager manager, double[] sum, Supplier<ForwardResult> pass) {
        try (GradientCollector collector = network.backend().newGradientCollector()) {
            ForwardResult result = pass.get();
            NDArray loss = result.outputs().head().square().sum();
            loss.attach(manager);
            sum[0] += Tensors.values(loss)[0];
            result.backward(collector, loss);
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        network.parameters()
                .forEach(
                        (path, p) -> {
                            NDArray gradient = p.getArray().getGradient();
                            gradients.put(path, Tensors.values(gradient));
                            // PyTorch adds to what is there.
                            gradient.muli(0);
                        });
        return gradients;
    }

    /** A program for training reads the mask of each step, not that of its first. */
    @EachEngine
    void programsTrainWithMasks(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (String output : List.of("sequence", "last")) {
            ModelSpec spec =
                    spec(
                            "{'type': 'gru', 'units': 4, 'layers': 2, 'direction': 'both', 'output': '%s'}"
                                    .formatted(output),
                            5,
                            3);
            try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                    NDManager manager = backend.newManager();
                    Compiler compiler =
                            network.compiler(
                                    CompileOptions.training(ComputeType.FLOAT32, false),
                                    true,
                                    Assertions::fail)) {
                NDArray x = Tensors.random(manager, 1, 2, 5, 3);
                NDArray first = mask(manager, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
                NDArray second = mask(manager, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0);
                double[] sum = new double[1];
                Map<String, double[]> expected = gradients(network, manager, sum, x, second);
                compiler.prepare(new NDList(x, first));
                double[] found = new double[1];
                Map<String, double[]> gradients =
                        gradients(
                                network,
                                manager,
                                found,
                                () ->
                                        compiler.recordAll(
                                                new NDList(x, second),
                                                some -> Assertions.fail("not compiled")));
                assertEquals(sum[0], found[0], 1e-4, output);
                expected.forEach(
                        (path, g) -> {
                            assertTrue(Tensors.largest(g) > 0, path);
                            assertClose(g, gradients.get(path), 1e-4, output + path);
                        });
            }
        }
    }

    private static NDArray mask(NDManager manager, long... values) {
        NDArray mask = manager.create(values, new Shape(2, 5));
        mask.setName("mask");
        return mask;
    }

    /** The rows of both axes of a step are the positions of one sequence. */
    @EachEngine
    void stepsKeepChannelsLast(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String cell =
                "{'type': 'recurrent', 'direction': 'both', 'states': [{'name': 'h', 'shape': %s}],"
                        + " 'cell': {'type': 'graph', 'inputs': ['x', 'h'], 'layers': ["
                        + "{'type': 'linear', 'name': 'in', 'units': 4, 'from': 'x'},"
                        + "{'type': 'norm', 'name': 'norm', 'norm': 'layer'},"
                        + "{'type': 'add', 'name': 'sum', 'from': ['h', 'norm']}]}}";
        ModelSpec grid =
                new ModelSpec(
                        "test",
                        new InputSpec.Features(List.of(5, 2, 3, 6), true),
                        layer(cell.formatted("[2, 3, 4]")));
        ModelSpec rows = spec(cell.formatted("[6, 4]"), 5, 6, 6);
        try (Network one = Nets.shaken(grid, backend, DataType.FLOAT32);
                Network other = Nets.shaken(rows, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray x = Tensors.random(manager, 1, 2, 5, 2, 3, 6);
            NDArray y = one.predict(new NDList(x));
            assertEquals(new Shape(2, 5, 2, 3, 8), y.getShape());
            assertEquals(4, Shapes.channelAxis(one.outputShape()));
            NDArray expected = other.predict(new NDList(x.reshape(2, 5, 6, 6)));
            assertClose(Tensors.values(expected), Tensors.values(y), 1e-6, "steps");
        }
    }

    /** The output of the cell of its own at the last position that counts. */
    @EachEngine
    void lastOutputIsThatOfTheLastPositionThatCounts(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String cell =
                "{'type': 'recurrent', 'output': 'last', 'states': [{'name': 'h', 'shape': [2]}],"
                        + " 'cell': {'type': 'graph', 'inputs': ['x', 'h'], 'outputs': ['y', 'h'],"
                        + " 'layers': ["
                        + "{'type': 'linear', 'name': 'in', 'units': 2, 'from': 'x'},"
                        + "{'type': 'add', 'name': 'sum', 'from': ['h', 'in'], 'to': 'h'},"
                        + "{'type': 'linear', 'name': 'y', 'units': 3}]}}";
        try (Network network = Nets.shaken(spec(cell, 4, 3), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray x = Tensors.random(manager, 1, 1, 4, 3);
            NDArray mask = manager.create(new long[] {1, 1, 0, 0}, new Shape(1, 4));
            mask.setName("mask");
            double[] expected = Tensors.values(network.predict(new NDList(x.get(":, 0:2"))));
            NDArray found = network.predict(new NDList(x, mask));
            assertClose(expected, Tensors.values(found), 1e-6, "last output");
        }
    }

    /** A graph binds a value to the mask of one layer. */
    @EachEngine
    void aValueOfAGraphIsAMask(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String text =
                """
                {"format": "residuum/1", "name": "masked", "input": {"type": "several", "inputs": [
                  {"name": "x", "type": "features", "shape": [4, 3]},
                  {"name": "m", "type": "features", "shape": [4]}]},
                 "network": {"type": "graph", "inputs": ["x", "m"], "layers": [
                  {"type": "gru", "name": "gru", "units": 2, "from": "x", "with": {"mask": "m"}}]}}
                """;
        ModelSpec spec = SpecJson.standard().parse(text, "test", ModelSpec.class);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray x = Tensors.random(manager, 1, 1, 4, 3);
            NDArray mask = manager.create(new float[] {1, 1, 0, 1}, new Shape(1, 4));
            mask.setName("m");
            double[] found = Tensors.values(network.predict(new NDList(x, mask)));
            NDArray moved = x.get(":, 0:2").concat(x.get(":, 3:"), 1).concat(x.get(":, 2:3"), 1);
            NDArray last = manager.create(new float[] {1, 1, 1, 0}, new Shape(1, 4));
            last.setName("m");
            double[] end = Tensors.values(network.predict(new NDList(moved, last)));
            double[] expected = {end[0], end[1], end[2], end[3], 0, 0, end[4], end[5]};
            assertClose(expected, found, 1e-6, "the hidden position moved to the end");
            assertTrue(Tensors.largest(expected) > 0.01);
        }
    }

    /** Deep graphs: the program of a long sequence is built and checked without a deep stack. */
    @EachEngine
    void longSequencesCompile(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec = spec("{'type': 'lstm', 'units': 2, 'output': 'last'}", 120, 2);
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 2, 120, 2));
            double[] expected = Tensors.values(network.predict(x));
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertClose(expected, Tensors.values(network.predict(x)), 1e-5, "program");
        }
    }

    @Test
    void graphsNeedAFixedLength() {
        Layer block = spec("[{'type': 'lstm', 'name': 'a', 'units': 4}]", 9, 3).newBlock();
        Dims open =
                new Dims(
                        List.of(
                                DimExpr.of(SymbolicDim.BATCH),
                                DimExpr.of(SymbolicDim.LENGTH),
                                DimExpr.of(3)));
        CaptureException e =
                assertThrows(
                        CaptureException.class,
                        () ->
                                Capture.of(
                                        block,
                                        List.of(
                                                new Capture.Source(
                                                        Capture.DATA, open, DataType.FLOAT32)),
                                        false));
        assertEquals(
                "Recurrent(forward) at a.l0 needs a fixed length, because a graph repeats its cell"
                        + " for each position, got a dynamic one: give the length as a number",
                e.getMessage());
    }

    @EachEngine
    void refusesWhatItCannotCompute(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network =
                        Network.create(spec("{'type': 'rnn', 'units': 4}", 5, 3), backend, 1);
                NDManager manager = backend.newManager();
                ArrayCache cache = new ArrayCache(manager)) {
            NDArray x = Tensors.random(manager, 1, 2, 5, 3);
            NDArray mask = manager.ones(new Shape(2, 4));
            mask.setName("mask");
            IllegalArgumentException wrong =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> network.predict(new NDList(x, mask)));
            assertTrue(
                    wrong.getMessage().contains("must be (2, 5), got (2, 4)"), wrong::getMessage);
            ParameterStore store = new ParameterStore(backend.manager(), false);
            NDList in = new NDList(x);
            IllegalArgumentException cached =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    network.block()
                                            .forward(
                                                    ForwardPass.of(store, in, false)
                                                            .withCache(cache),
                                                    in));
            assertTrue(cached.getMessage().contains("KV cache"), cached::getMessage);
        }
    }

    @Test
    void errorsNameTheFix() {
        assertTrue(
                error("{'type': 'gru', 'units': 4}", 5)
                        .contains(
                                "recurrence needs sequences (N, T, C), got (-1, 5): use reshape"));
        assertTrue(
                error("{'type': 'gru', 'units': 4, 'firstStates': true}", 5, 3)
                        .contains(
                                "the graph must get one value for each of its inputs (input,"
                                        + " h_l0)"));
        String recurrent =
                "{'type': 'recurrent', %s 'states': [{'name': 'h', 'shape': [4]}],"
                        + " 'cell': {'type': 'graph', 'inputs': ['x', 'h'], 'layers': ["
                        + "{'type': 'linear', 'name': 'a', 'units': %s, 'from': 'x'},"
                        + "{'type': 'linear', 'name': 'b', 'units': %s, 'from': 'h'},"
                        + "{'type': 'add', 'name': 'c', 'from': ['a', 'b']}]}}";
        String size = error(recurrent.formatted("", 3, 3), 5, 3);
        assertTrue(
                size.contains(
                        "a cell must return its next states [h] of the shapes (-1, 4), or an output"
                                + " and these, got (-1, 3)"),
                size);
        String first = error(recurrent.formatted("'firstStates': true,", 4, 4), 5, 3);
        assertTrue(
                first.contains(
                        "must read sequences and the first states [(-1, 4)], got the shapes"
                                + " [(-1, 5, 3)]"),
                first);
        String dropout =
                assertThrows(
                                SpecException.class,
                                () -> layer("{'type': 'rnn', 'units': 4, 'dropout': 0.5}"))
                        .getMessage();
        assertTrue(dropout.contains("dropout is between layers"), dropout);
        assertTrue(
                assertThrows(
                                SpecException.class,
                                () ->
                                        layer(
                                                "{'type': 'recurrent', 'states': [], 'cell':"
                                                        + " {'type': 'flatten'}}"))
                        .getMessage()
                        .contains("states must name one state or more"));
    }
}
