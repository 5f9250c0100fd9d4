package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every tensor of other libraries' networks matches the preset of the same name. {@code
 * docs/parity/peer.py --names} wrote the names and shapes. The values are zeros in a sparse file.
 */
class PeerNamesTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    static List<Arguments> networks() throws IOException {
        try (InputStream in = PeerNamesTest.class.getResourceAsStream("peer-names.json")) {
            JsonNode all = JSON.readTree(Objects.requireNonNull(in));
            List<Arguments> networks =
                    all.properties().stream()
                            .map(e -> Arguments.of(e.getKey(), e.getValue()))
                            .toList();
            assertEquals(22, networks.size());
            return networks;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void allMatch(String peer, JsonNode shapes) throws IOException {
        String preset = peer.split(" ")[0];
        String library = peer.split(" ")[1].replace("transformers", "huggingface");
        String file = zeros(shapes).toString();
        List<String> asked = List.of("import", file, "--as", preset, "--dry-run");
        List<String> named = new ArrayList<>(asked);
        named.addAll(List.of("--dialect", library));
        for (List<String> args : List.of(asked, named)) {
            List<String> lines = Cli.ok(args.toArray(String[]::new)).out().lines().toList();
            assertTrue(lines.contains("missing      0"), lines::toString);
            assertTrue(lines.contains("unexpected   0"), lines::toString);
            assertTrue(lines.contains("wrong shape  0"), lines::toString);
        }
    }

    private Path zeros(JsonNode shapes) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long end = 0;
        for (Map.Entry<String, JsonNode> tensor : shapes.properties()) {
            // Scalars are the counters of norms.
            String type = tensor.getValue().isEmpty() ? "I64" : "F32";
            long bytes = type.equals("I64") ? Long.BYTES : Float.BYTES;
            for (JsonNode dimension : tensor.getValue()) {
                bytes *= dimension.asLong();
            }
            ObjectNode info = header.putObject(tensor.getKey());
            info.put("dtype", type).set("shape", tensor.getValue());
            info.putArray("data_offsets").add(end).add(end + bytes);
            end += bytes;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        Path path = folder.resolve("zeros.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.writeLong(Long.reverseBytes(json.length));
            file.write(json);
            file.setLength(file.getFilePointer() + end);
        }
        return path;
    }
}
