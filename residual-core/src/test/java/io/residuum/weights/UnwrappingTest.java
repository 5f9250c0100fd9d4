package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names without what training wrappers add. */
class UnwrappingTest {
    @TempDir private Path folder;

    private StateDict open(String names) {
        SafetensorsWriter writer = new SafetensorsWriter();
        int value = 0;
        for (String name : names.split(" ")) {
            writer.add(name, new long[] {1}, new float[] {value++});
        }
        Path file = folder.resolve("wrapped.safetensors");
        writer.write(file);
        return StateDict.open(file);
    }

    @ParameterizedTest
    @CsvSource({
        "module.a module.b, a b, module.",
        "_orig_mod.a b, a b, _orig_mod.",
        "a.0._orig_mod.w a.1.w, a.0.w a.1.w, _orig_mod.",
        "_forward_module.a _forward_module.b.c, a b.c, _forward_module.",
        "module._orig_mod.module.a module._orig_mod.module.b, a b, _orig_mod. module.",
        "a._fsdp_wrapped_module.w a._checkpoint_wrapped_module.v, a.w a.v,"
                + " _fsdp_wrapped_module. _checkpoint_wrapped_module.",
        "module.a n_averaged module.b, a b, module.",
        // Not of a wrapper: parts of other words, some names only, names that would be equal.
        "my_orig_mod.a b, my_orig_mod.a b, ''",
        "module.a b, module.a b, ''",
        "_orig_mod.a a, _orig_mod.a a, ''",
        "module. module.a, module. module.a, ''",
    })
    void removesWhatWrappersAdd(String names, String expected, String removed) {
        try (StateDict file = open(names)) {
            assertEquals(List.of(expected.split(" ")), List.copyOf(file.names()));
            assertEquals(
                    removed.isEmpty()
                            ? new TreeSet<>()
                            : new TreeSet<>(List.of(removed.split(" "))),
                    new TreeSet<>(file.removedPrefixes()));
            String last = expected.split(" ")[1];
            assertEquals(last, file.info(last).name());
            assertEquals(1, file.floats(last).length);
        }
    }

    @Test
    void selectsAndStripsPrefixes() {
        try (StateDict file = open("model.a model.b loss.c")) {
            StateDict selected = file.select("model.");
            assertEquals(List.of("a", "b"), List.copyOf(selected.names()));
            assertEquals(List.of("loss.c"), selected.ignored());
            assertArrayEquals(new float[] {1}, selected.floats("b"));
            StateDict stripped = file.strip("model.");
            assertEquals(List.of("a", "b", "loss.c"), List.copyOf(stripped.names()));
            WeightsException none = assertThrows(WeightsException.class, () -> file.select("net."));
            assertTrue(none.getMessage().contains("must begin with the prefix \"net.\""));
            assertThrows(WeightsException.class, () -> stripped.floats("model.a"));
        }
        try (StateDict file = open("model.a a")) {
            WeightsException twins =
                    assertThrows(WeightsException.class, () -> file.strip("model."));
            assertTrue(twins.getMessage().contains("would be equal"), twins.getMessage());
        }
    }
}
