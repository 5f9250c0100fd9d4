package io.residuum.weights;

import static io.residuum.weights.SafetensorsTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch 2.13 wrote, with make_torch_files.py beside them. */
class TorchFilesTest {
    private static final List<String> MODEL =
            List.of(
                    "0.weight",
                    "0.bias",
                    "1.weight",
                    "1.bias",
                    "1.running_mean",
                    "1.running_var",
                    "1.num_batches_tracked");

    @TempDir Path folder;

    static Path resource(String name) {
        return Path.of("src/test/resources/io/residuum/weights", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors.pt", "tensors-legacy.pt"})
    void readsEveryTypeAndView(String name) {
        try (StateDict file = StateDict.open(resource(name))) {
            assertEquals(19, file.names().size());
            assertEquals("base", file.names().iterator().next());
            assertEquals(List.of(2L, 3L), file.info("base").shape());
            assertFloats(file, "base", 0, 1, 2, 3, 4, 5);
            assertEquals(List.of(3L, 2L), file.info("transposed").shape());
            assertFloats(file, "transposed", 0, 3, 1, 4, 2, 5);
            assertFloats(file, "row", 3, 4, 5);
            assertEquals(List.of(2L, 2L), file.info("every_other").shape());
            assertFloats(file, "every_other", 0, 2, 3, 5);
            assertEquals(List.of(), file.info("scalar").shape());
            assertFloats(file, "scalar", 1.5f);
            assertEquals(List.of(0L, 3L), file.info("empty").shape());
            assertFloats(file, "empty");
            assertFloats(file, "parameter", 0.5f, -2);
            assertEquals(TensorType.F16, file.info("f16").type());
            assertFloats(file, "f16", 1, -2.5f, 65504);
            assertEquals(TensorType.BF16, file.info("bf16").type());
            assertFloats(file, "bf16", 1, -3.140625f);
            assertFloats(file, "f64", 0.1f);
            assertLongs(file, "i8", -128, 127);
            assertLongs(file, "u8", 0, 255);
            assertLongs(file, "i16", -32768, 32767);
            assertLongs(file, "i32", Integer.MIN_VALUE);
            assertLongs(file, "i64", Long.MIN_VALUE);
            assertEquals(TensorType.BOOL, file.info("bool").type());
            assertLongs(file, "bool", 1, 0, 1);
            assertEquals(TensorType.U16, file.info("u16").type());
            assertLongs(file, "u16", 65535, 1);
            assertMessage("type F8_E4M3 cannot be read", () -> file.floats("f8"));
            assertMessage("type C64 cannot be read", () -> file.floats("c64"));
            assertMessage("type F16 cannot be read as integers", () -> file.longs("f16"));
        }
    }

    @Test
    void readsPartsOfAViewThatIsNotContiguous() {
        try (StateDict file = StateDict.open(resource("tensors.pt"))) {
            assertArrayEquals(new float[] {1, 4, 2}, file.floats("transposed", 2, 3));
            assertArrayEquals(new float[0], file.floats("transposed", 6, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "4", "5"})
    void readsEveryProtocol(String protocol) {
        for (String suffix : List.of(".pt", "-legacy.pt")) {
            Path path = resource("protocol" + protocol + suffix);
            try (StateDict file = StateDict.open(path);
                    StateDict other = StateDict.open(resource("checkpoint.pt"))) {
                assertEquals(MODEL, List.copyOf(file.names()));
                assertEquals(List.of(), file.ignored());
                assertFloats(
                        file, "0.weight", -0.005293981f, 0.37932289f, -0.58198076f, -0.52038747f);
                for (String name : MODEL) {
                    assertEquals(other.info(name), file.info(name));
                    assertArrayEquals(other.floats(name), file.floats(name));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint.pt", "checkpoint-legacy.pt"})
    void findsTheStateDictOfACheckpoint(String name) {
        try (StateDict file = StateDict.open(resource(name))) {
            assertEquals(MODEL, List.copyOf(file.names()));
            assertEquals("90", file.metadata().get("epoch"));
            assertEquals("tiny", file.metadata().get("arch"));
            assertEquals(Set.of("epoch", "arch"), file.metadata().keySet());
            assertEquals(
                    List.of(
                            "best_acc1",
                            "args",
                            "loss",
                            "curve",
                            "seen",
                            "raw",
                            "milestones",
                            "dtype",
                            "device",
                            "size",
                            "big",
                            "nothing",
                            "state_dict_ema",
                            "optimizer"),
                    file.ignored());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint.pt", "checkpoint-legacy.pt"})
    void findsTheAverageWhenAskedForIt(String name) {
        try (StateDict file = StateDict.open(resource(name), StateDict.Variant.EMA)) {
            assertEquals(MODEL, List.copyOf(file.names()));
            assertTrue(file.ignored().contains("state_dict"));
            assertTrue(file.ignored().contains("n_averaged"));
        }
    }

    @Test
    void saysWhereAnAverageWouldBe() {
        assertMessage(
                "an EMA variant must be under one of [state_dict_ema,",
                () -> StateDict.open(resource("tensors.pt"), StateDict.Variant.EMA));
    }

    /**
     * Dataclasses, enums, time zones, decimals, dictionaries of options, tensors of other kinds.
     */
    @ParameterizedTest
    @ValueSource(strings = {"objects2.pt", "objects4.pt"})
    void readsWeightsBesideUnknownObjects(String name) {
        try (StateDict file = StateDict.open(resource(name));
                StateDict other = StateDict.open(resource("checkpoint.pt"))) {
            assertEquals(MODEL, List.copyOf(file.names()));
            for (String tensor : MODEL) {
                assertArrayEquals(other.floats(tensor), file.floats(tensor));
            }
            assertEquals("3", file.metadata().get("epoch"));
            assertTrue(
                    file.ignored()
                            .containsAll(List.of("settings", "mode", "options", "zone", "decimal")),
                    file.ignored()::toString);
            assertEquals(22, file.ignored().size());
        }
    }

    @Test
    void refusesAWholeModel() {
        assertMessage(
                "found an object of the class \"torch.nn.modules.container.Sequential\"",
                () -> StateDict.open(resource("whole-model.pt")));
        assertMessage(
                "save model.state_dict() instead",
                () -> StateDict.open(resource("whole-model.pt")));
    }

    @Test
    void opensAFolderAndShards() throws IOException {
        Path first = Files.createDirectory(folder.resolve("one"));
        Files.copy(resource("tensors.pt"), first.resolve("pytorch_model.bin"));
        try (StateDict file = StateDict.open(first)) {
            assertEquals(19, file.names().size());
        }
        Files.copy(resource("protocol4.pt"), folder.resolve("pytorch_model-00001-of-00002.bin"));
        Files.copy(resource("tensors.pt"), folder.resolve("pytorch_model-00002-of-00002.bin"));
        Files.writeString(
                folder.resolve("pytorch_model.bin.index.json"),
                """
                {"metadata": {"total_size": 1}, "weight_map": {
                  "base": "pytorch_model-00002-of-00002.bin",
                  "0.weight": "pytorch_model-00001-of-00002.bin"}}
                """);
        try (StateDict file = StateDict.open(folder)) {
            assertEquals(List.of("0.weight", "base"), List.copyOf(file.names()));
            assertFloats(file, "base", 0, 1, 2, 3, 4, 5);
        }
    }

    @Test
    void opensSafetensorsWithoutTheirWrapper() {
        Path path = folder.resolve("wrapped");
        new SafetensorsWriter()
                .add("module._orig_mod.a", new long[] {1}, new float[] {1})
                .add("module._orig_mod.b", new long[] {1}, new float[] {2})
                .metadata("format", "pt")
                .write(path);
        try (StateDict file = StateDict.open(path)) {
            assertEquals(List.of("a", "b"), List.copyOf(file.names()));
            assertFloats(file, "b", 2);
            assertEquals("pt", file.metadata().get("format"));
        }
        assertMessage(
                "a safetensors file holds one variant",
                () -> StateDict.open(path, StateDict.Variant.EMA));
    }

    @Test
    void readsRealFilesLikeTheirSafetensors() {
        assertSame("cifar-resnet/resnet20-12fca82f.th", "cifar-resnet/resnet20.safetensors");
        assertSame("vit-mnist/vit_mnist_gpu.pt", "vit-mnist/vit_mnist_gpu.safetensors");
    }

    private static void assertSame(String torch, String twin) {
        try (StateDict file = StateDict.open(SharedData.require(torch));
                StateDict golden = StateDict.open(SharedData.require(twin))) {
            assertFalse(golden.names().isEmpty());
            assertEquals(golden.names(), file.names());
            for (String name : golden.names()) {
                assertEquals(golden.info(name), file.info(name));
                assertArrayEquals(golden.floats(name), file.floats(name), name);
            }
        }
    }

    private static void assertFloats(StateDict file, String name, float... values) {
        assertArrayEquals(values, file.floats(name), name);
    }

    private static void assertLongs(StateDict file, String name, long... values) {
        assertArrayEquals(values, file.longs(name), name);
    }
}
