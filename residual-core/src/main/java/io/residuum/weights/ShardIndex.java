package io.residuum.weights;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@code model.safetensors.index.json} that says which file holds which tensor.
 *
 * @param metadata the scalars of its metadata, as text
 * @param shards the file name by tensor
 */
record ShardIndex(Map<String, String> metadata, Map<String, String> shards) {
    /** How the names of such files end. */
    static final String SUFFIX = ".index.json";

    private static final String WEIGHT_MAP = "weight_map";

    static ShardIndex read(Path file) {
        MappedFile mapped = MappedFile.open(file);
        if (mapped.size() > Header.MAX_BYTES) {
            throw WeightsException.in(
                    file,
                    "an index must have at most %d bytes, found %d"
                            .formatted(Header.MAX_BYTES, mapped.size()));
        }
        JsonCursor json = new JsonCursor(file, mapped.slice(0, (int) mapped.size()));
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, String> shards = new LinkedHashMap<>();
        json.object(
                key -> {
                    switch (key) {
                        case "metadata" -> json.object(name -> keepScalar(json, name, metadata));
                        case WEIGHT_MAP ->
                                json.object(name -> shards.put(name, shard(file, json.string())));
                        default -> json.text();
                    }
                });
        json.end();
        if (shards.isEmpty()) {
            throw WeightsException.in(file, WEIGHT_MAP + " must name at least one tensor");
        }
        return new ShardIndex(metadata, shards);
    }

    private static void keepScalar(JsonCursor json, String name, Map<String, String> metadata) {
        String text = json.text();
        if (text != null) {
            metadata.put(name, text);
        }
    }

    // A file from elsewhere must not choose what else is opened on this machine.
    private static String shard(Path index, String name) {
        boolean plain =
                name.chars().noneMatch(c -> "/\\:".indexOf(c) >= 0 || Character.isISOControl(c));
        if (!plain || !name.endsWith(".safetensors")) {
            throw WeightsException.in(
                    index,
                    "a shard must be a .safetensors file beside the index, found "
                            + JsonText.shown(name));
        }
        try {
            return index.resolveSibling(name).getFileName().toString();
        } catch (InvalidPathException e) {
            throw WeightsException.in(
                    index, "this system cannot name a file " + JsonText.shown(name));
        }
    }
}
