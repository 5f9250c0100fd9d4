package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every error of a configuration names the file, the line and the place. */
class HuggingFaceReaderTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'hidden_size': 0 | 2: $.hidden_size: expected a whole number in [1, 2^31), got 0",
                "'num_channels': -1 | 2: $.num_channels: expected a whole number in [1, 2^31), got"
                        + " -1",
                "'num_channels': 2147483647 | 1: $: shape must have at most 65536 channels, got"
                        + " 2147483647",
                "'num_hidden_layers': 1000000000 | 1: $: depth must be in [1, 10000], got"
                        + " 1000000000",
                "'layer_norm_eps': 1e999 | 2: $.layer_norm_eps: expected a number that a double"
                        + " holds, got 1e999",
                "'hidden_size': 'a\u001bb' | 2: $.hidden_size: expected a number, got"
                        + " \"a\\u001bb\"",
                "'hidden_act': [] | 2: $.hidden_act: expected a text, got []",
                "'patch_size': 0 | 2: $.patch_size: expected a whole number in [1, 2^31), got 0",
            })
    void errorsHaveAPlace(String setting, String message) throws IOException {
        String escaped = setting.replace("\u001b", "\\u001b").replace('\'', '"');
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"model_type\": \"vit\",\n" + escaped + "}");
        Exception e = assertThrows(SpecException.class, () -> ModelSource.of(file));
        assertEquals(file + ":" + message, e.getMessage());
    }
}
