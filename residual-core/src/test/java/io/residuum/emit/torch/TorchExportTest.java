package io.residuum.emit.torch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.trace.Capture;
import io.residuum.model.BlockCase;
import io.residuum.model.BlockCases;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** TorchScript files compute what the network computes, and hold its weights by name. */
@ExtendWith(Seeds.class)
class TorchExportTest {
    private final Backend backend = Engines.backend(EngineChoice.PYTORCH);

    @TempDir private Path folder;

    /** Every tenth case, which meets every kind, and one whose root is named as a method. */
    static Stream<BlockCase> cases() {
        List<BlockCase> all = BlockCases.all();
        return Stream.concat(
                Stream.iterate(0, i -> i < all.size(), i -> i + 10).map(all::get),
                all.stream().filter(c -> c.name().equals("recurrence over images")));
    }

    private static Graph graph(Network network, BlockCase c) {
        List<Capture.Source> data = List.of(TorchRuns.data(c.input(), DataType.FLOAT32));
        return Capture.of(network.block(), data, false);
    }

    private static NDArray input(NDManager manager, BlockCase c) {
        return Tensors.random(manager, Seeds.SEED, c.input().getShape());
    }

    private Model load(String name) throws IOException {
        Model model = Model.newInstance(name, "PyTorch");
        try {
            model.load(folder, name);
        } catch (MalformedModelException e) {
            throw new IOException(e);
        }
        return model;
    }

    private static double[] run(Model model, NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return Tensors.values(model.getBlock().forward(store, new NDList(x), false).head());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void filesComputeWhatTheNetworkDoes(BlockCase c) throws IOException {
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            Map<String, NDArray> weights = TorchRuns.weights(network);
            TorchExport.write(graph(network, c), weights, List.of(), folder.resolve("net.pt"));
            NDArray x = input(manager, c);
            try (Model model = load("net")) {
                double[] expected = Tensors.values(network.predict(new NDList(x)));
                assertClose(expected, run(model, x), 1e-5, c.name());
                TreeSet<String> names = new TreeSet<>();
                model.getBlock().getDirectParameters().forEach(p -> names.add(p.getKey()));
                TreeSet<String> trained = new TreeSet<>();
                network.parameters().keySet().forEach(p -> trained.add(TorchModules.path(p)));
                assertEquals(trained, names);
            }
        }
    }

    private static BlockCase squeezing() {
        return BlockCases.all().stream()
                .filter(c -> c.name().equals("squeeze-excitation"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void preparedArraysOfSixteenBitsAreWritten() throws IOException {
        BlockCase c = squeezing();
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            Graph lowered = new MixedPrecision(DataType.BFLOAT16).apply(graph(network, c));
            ConstantFolding staged = ConstantFolding.of(new ChannelsLast().apply(lowered));
            Map<String, NDArray> weights = TorchRuns.weights(network);
            NDList prepared =
                    new TorchTarget()
                            .program(staged.preparation(), weights, List.of(), manager)
                            .run(new NDList());
            TorchExport.write(staged.main(), weights, prepared, folder.resolve("low.pt"));
            NDArray x = input(manager, c);
            try (Model model = load("low")) {
                double[] expected = Tensors.values(network.predict(new NDList(x)));
                assertClose(expected, run(model, x), 3e-2, "in bfloat16");
            }
        }
    }

    @Test
    void equalNetworksGiveEqualFiles() throws IOException {
        BlockCase c = squeezing();
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32)) {
            for (String name : List.of("a.pt", "b.pt")) {
                TorchExport.write(
                        graph(network, c),
                        TorchRuns.weights(network),
                        List.of(),
                        folder.resolve(name));
            }
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve("a.pt")),
                    Files.readAllBytes(folder.resolve("b.pt")));
        }
    }

    @Test
    void whatCannotBeWrittenLeavesNothingBehind() throws IOException {
        BlockCase c = squeezing();
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32)) {
            Graph graph = graph(network, c);
            Map<String, NDArray> weights = TorchRuns.weights(network);
            String missing = weights.keySet().iterator().next();
            weights.remove(missing);
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    TorchExport.write(
                                            graph, weights, List.of(), folder.resolve("c.pt")));
            assertTrue(e.getMessage().contains(missing), e.getMessage());
            assertThrows(
                    WeightsException.class,
                    () ->
                            TorchExport.write(
                                    graph,
                                    TorchRuns.weights(network),
                                    List.of(),
                                    folder.resolve("no/c.pt")));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(0, files.count());
            }
        }
    }
}
