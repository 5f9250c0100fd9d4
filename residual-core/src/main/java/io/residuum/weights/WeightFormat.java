package io.residuum.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Tells the formats of files of weights apart, by their first bytes. */
final class WeightFormat {
    private static final Set<String> SHARDS = Set.of(Safetensors.EXTENSION, ".bin");
    private static final List<String> IN_A_FOLDER =
            List.of(
                    "model.safetensors",
                    "model.safetensors.index.json",
                    "pytorch_model.bin",
                    "pytorch_model.bin.index.json");

    private WeightFormat() {}

    static MappedStateDict open(Path file, StateDict.Variant variant) {
        if (Files.isDirectory(file)) {
            return open(inFolder(file), variant);
        }
        MappedStateDict opened =
                file.toString().endsWith(ShardIndex.SUFFIX)
                        ? ShardIndex.read(file, SHARDS).open(shard -> read(shard, variant))
                        : read(file, variant);
        // Not shard by shard: a prefix must be on all names of the model.
        return opened.unwrapped();
    }

    private static Path inFolder(Path folder) {
        return IN_A_FOLDER.stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(
                        () ->
                                WeightsException.in(
                                        folder,
                                        "the folder must hold one of "
                                                + IN_A_FOLDER
                                                + ", found none; name the file"));
    }

    private static MappedStateDict read(Path file, StateDict.Variant variant) {
        if (variant == StateDict.Variant.EMA) {
            throw WeightsException.in(
                    file, "a safetensors file holds no EMA variant beside its weights");
        }
        return Safetensors.read(file);
    }
}
