package io.residuum.weights;

import io.residuum.json.Json;
import io.residuum.json.JsonText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The shard index of a model, such as {@code model.safetensors.index.json}.
 *
 * @param file the index
 * @param metadata the scalars of its metadata, as text
 * @param shards the file name by tensor name
 */
record ShardIndex(Path file, Map<String, String> metadata, Map<String, String> shards) {
    /** The file name suffix of an index. */
    static final String SUFFIX = ".index.json";

    private static final String WEIGHT_MAP = "weight_map";

    /** Reads an index. Its file names must end with one of {@code extensions}. */
    static ShardIndex read(Path file, Set<String> extensions) {
        MappedFile mapped = MappedFile.open(file);
        if (mapped.size() > SafetensorsHeader.MAX_BYTES) {
            throw WeightsException.in(
                    file,
                    "an index must have at most %d bytes, found %d"
                            .formatted(SafetensorsHeader.MAX_BYTES, mapped.size()));
        }
        Json json =
                new MemoryBudget(file, mapped.size()).read(mapped.slice(0, (int) mapped.size()));
        Map<String, String> metadata = new LinkedHashMap<>();
        json.get("metadata").members().forEach((key, value) -> keepScalar(key, value, metadata));
        Map<String, String> shards = new LinkedHashMap<>();
        json.get(WEIGHT_MAP)
                .members()
                .forEach((name, shard) -> shards.put(name, shard(file, shard, extensions)));
        if (shards.isEmpty()) {
            throw WeightsException.in(file, WEIGHT_MAP + " must name at least one tensor");
        }
        return new ShardIndex(file, metadata, shards);
    }

    /** Opens the shards with {@code opener} and joins them. */
    MappedStateDict open(Function<Path, MappedStateDict> opener) {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        List<String> ignored = new ArrayList<>();
        for (String shard : new TreeSet<>(shards.values())) {
            MappedStateDict opened = opener.apply(file.resolveSibling(shard));
            opened.metadata().forEach(all::putIfAbsent);
            ignored.addAll(opened.ignored());
            // A shard may hold tensors that the index does not list.
            for (TensorView view : opened.views()) {
                if (shard.equals(shards.get(view.info().name()))) {
                    tensors.put(view.info().name(), view);
                }
            }
        }
        shards.forEach((tensor, shard) -> require(tensors.containsKey(tensor), tensor, shard));
        return new MappedStateDict(file, all, tensors.values(), ignored);
    }

    private void require(boolean found, String tensor, String shard) {
        if (!found) {
            throw WeightsException.in(
                    file,
                    "tensor %s must be in %s, found no such tensor there"
                            .formatted(JsonText.quote(tensor), shard));
        }
    }

    private static void keepScalar(String key, Json value, Map<String, String> metadata) {
        if (value.kind() != Json.Kind.ARRAY && value.kind() != Json.Kind.OBJECT) {
            metadata.put(key, value.string(value.compact()));
        }
    }

    // A downloaded index must not make us open other files of this machine.
    private static String shard(Path index, Json value, Set<String> extensions) {
        String name = value.string("");
        boolean plain =
                name.chars().noneMatch(c -> "/\\:".indexOf(c) >= 0 || Character.isISOControl(c));
        if (!plain || extensions.stream().noneMatch(name::endsWith)) {
            throw WeightsException.in(
                    index,
                    "a shard must be a %s file beside the index, found "
                                    .formatted(String.join(" or ", new TreeSet<>(extensions)))
                            + JsonText.quote(name));
        }
        try {
            return index.resolveSibling(name).getFileName().toString();
        } catch (InvalidPathException e) {
            throw WeightsException.in(
                    index, "this system cannot name a file " + JsonText.quote(name));
        }
    }
}
