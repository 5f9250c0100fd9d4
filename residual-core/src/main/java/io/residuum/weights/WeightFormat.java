package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Opens weight files. Their first bytes determine the format. */
final class WeightFormat {
    private static final Set<String> SHARDS = Set.of(Safetensors.EXTENSION, ".bin");
    static final List<String> IN_A_FOLDER =
            List.of(
                    "model.safetensors",
                    "model.safetensors.index.json",
                    "pytorch_model.bin",
                    "pytorch_model.bin.index.json");

    private static final String ZIP = "PK\u0003\u0004";
    private static final int START_BYTES = 64;
    private static final int SHOWN = 16;

    private static final Map<String, String> FOREIGN =
            Map.of(
                    "version https://",
                            "a Git LFS pointer; fetch the file itself with git lfs pull",
                    "\u0089HDF\r\n", "HDF5",
                    "\u0093NUMPY", "a NumPy array",
                    "\u001f\u008b", "a gzip file; unpack it first",
                    "\u0080", "a pickle that torch.save did not write",
                    "<", "a web page",
                    "{",
                            "a JSON file; an index of shards is named like"
                                    + " model.safetensors.index.json");

    private WeightFormat() {}

    static StateDict open(Path file, StateDict.Variant variant) {
        if (Files.isDirectory(file)) {
            return open(
                    inFolder(file)
                            .orElseThrow(
                                    () ->
                                            WeightsException.in(
                                                    file,
                                                    "the folder must hold one of "
                                                            + IN_A_FOLDER
                                                            + ", found none; name the file"
                                                            + " instead")),
                    variant);
        }
        StateDict opened =
                isIndex(file)
                        ? ShardIndex.read(file, SHARDS).open(shard -> shard(shard, variant))
                        : read(file, variant);
        // A wrapper prefix must be on all names of the model, not only on those of one shard.
        return QuantizedStateDict.of(Unwrapping.of(opened));
    }

    private static boolean isIndex(Path file) {
        return file.toString().endsWith(ShardIndex.SUFFIX);
    }

    static List<String> shards(Path file) {
        return isIndex(file)
                ? ShardIndex.read(file, SHARDS).shards().values().stream().distinct().toList()
                : List.of();
    }

    /** {@return the file of weights in a folder; empty if there is none} */
    static Optional<Path> inFolder(Path folder) {
        return IN_A_FOLDER.stream().map(folder::resolve).filter(Files::exists).findFirst();
    }

    private static StateDict read(Path file, StateDict.Variant variant) {
        MappedFile mapped = MappedFile.open(file);
        byte[] start = start(mapped);
        if (!new String(start, StandardCharsets.ISO_8859_1).startsWith(Gguf.MAGIC)) {
            return tensors(file, mapped, start, variant);
        }
        requirePlain(file, "GGUF", variant);
        return Gguf.read(file, mapped);
    }

    private static MappedStateDict shard(Path file, StateDict.Variant variant) {
        MappedFile mapped = MappedFile.open(file);
        return tensors(file, mapped, start(mapped), variant);
    }

    private static MappedStateDict tensors(
            Path file, MappedFile mapped, byte[] start, StateDict.Variant variant) {
        if (new String(start, StandardCharsets.ISO_8859_1).startsWith(ZIP)) {
            return TorchCheckpoint.read(file, TorchFile.readZip(file, mapped), variant);
        }
        if (TorchFile.isLegacy(start)) {
            return TorchCheckpoint.read(file, TorchFile.readLegacy(file, mapped), variant);
        }
        if (start.length <= SafetensorsHeader.LENGTH_BYTES
                || start[SafetensorsHeader.LENGTH_BYTES] != '{') {
            return Llama2c.recognize(mapped)
                    .orElseThrow(() -> unknown(file, start))
                    .read(file, mapped);
        }
        requirePlain(file, "safetensors", variant);
        return Safetensors.read(file);
    }

    private static void requirePlain(Path file, String format, StateDict.Variant variant) {
        if (variant == StateDict.Variant.EMA) {
            throw WeightsException.in(
                    file,
                    "a %s file holds one variant of the weights; ask for PLAIN".formatted(format));
        }
    }

    private static byte[] start(MappedFile mapped) {
        byte[] start = new byte[(int) Math.min(mapped.size(), START_BYTES)];
        mapped.slice(0, start.length).get(start);
        return start;
    }

    private static WeightsException unknown(Path file, byte[] start) {
        if (start.length == 0) {
            return WeightsException.in(file, "must hold tensors, found an empty file");
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String found =
                FOREIGN.entrySet().stream()
                        .filter(format -> text.startsWith(format.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElseGet(
                                () ->
                                        "a file that begins with "
                                                + JsonText.literal(
                                                        text.substring(
                                                                0,
                                                                Math.min(text.length(), SHOWN))));
        return WeightsException.in(
                file, "must be a safetensors, PyTorch, GGUF or llama2.c file, found " + found);
    }
}
