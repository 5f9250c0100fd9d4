package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.model.ModelSource;
import io.residuum.transformer.text.library.GgufTokenizer;
import io.residuum.weights.Gguf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens tokenizers:
 *
 * <pre>
 * tokenizer.json             any tokenizer of Hugging Face's library; special tokens are also read
 *                            from the tokenizer_config.json in the same folder
 * vocab.bpe, encoder.json    byte-level BPE, in GPT-2's original files
 * merges.txt, vocab.json     byte-level BPE under other names
 * vocab.txt                  WordPiece, in BERT's original file
 * NAME.bin                   a tokenizer of llama2.c
 * NAME.gguf                  the tokenizer in a GGUF file
 * </pre>
 *
 * <p>For a tokenizer of characters, see {@link CharTokenizer}.
 */
public final class Tokenizers {
    private static final String ACCEPTED =
            "a tokenizer is a tokenizer.json, vocab.bpe with encoder.json, merges.txt with"
                    + " vocab.json, vocab.txt, a .bin file of llama2.c, a .gguf file, or a folder"
                    + " with one of these";

    /** The file names of the merges and the vocabulary of byte-level BPE. */
    private record Pair(String merges, String vocabulary) {}

    private static final List<Pair> PAIRS =
            List.of(new Pair("vocab.bpe", "encoder.json"), new Pair("merges.txt", "vocab.json"));

    private Tokenizers() {}

    /**
     * Parses the result of {@link Tokenizer#json} or the text of a {@code tokenizer.json}.
     *
     * @param json the text
     * @throws DataException if the text is something else
     */
    public static Tokenizer parse(String json) {
        return parse(json, "tokenizer");
    }

    /** Does the same, with the name of the file that holds the text for errors. */
    static Tokenizer parse(String json, String source) {
        return read(TextFiles.parse(json, source), source);
    }

    /**
     * Opens a tokenizer in one of the formats above.
     *
     * @param place a file, or a folder that holds the files under these names
     * @throws DataException if there is no tokenizer, or its files are invalid
     */
    public static Tokenizer open(Path place) {
        if (Files.isDirectory(place)) {
            return openFolder(place);
        }
        if (!Files.isRegularFile(place)) {
            throw new DataException(place + ": no such file or folder; " + ACCEPTED);
        }
        String name = String.valueOf(place.getFileName());
        for (Pair pair : PAIRS) {
            if (name.equals(pair.merges) || name.equals(pair.vocabulary)) {
                return byteLevel(
                        place.resolveSibling(pair.merges), place.resolveSibling(pair.vocabulary));
            }
        }
        if (name.endsWith(".json")) {
            return openJson(place);
        }
        if (name.endsWith("vocab.txt")) {
            return LibraryTokenizer.of(TokenizerJson.wordPiece(place), place.toString());
        }
        if (name.endsWith(".bin")) {
            return ScoredTokenizer.read(TextFiles.readBytes(place), place.toString());
        }
        if (name.endsWith(Gguf.EXTENSION)) {
            return ofGguf(place);
        }
        throw new DataException(place + ": is not a tokenizer; " + ACCEPTED);
    }

    private static Tokenizer openFolder(Path folder) {
        return find(folder)
                .orElseThrow(
                        () -> new DataException(folder + ": contains no tokenizer; " + ACCEPTED));
    }

    /**
     * Opens the tokenizer of a model, if it comes with one: in its metadata, or in the folder of
     * its weights.
     *
     * @param model a model with weights
     * @return the tokenizer, or empty if there is none
     * @throws DataException if its files are invalid
     */
    public static Optional<Tokenizer> of(ModelSource model) {
        return model.metadata()
                .entry(Tokenizer.METADATA)
                .map(Tokenizers::parse)
                .or(() -> model.weights().flatMap(weights -> find(folder(weights))));
    }

    private static Path folder(Path weights) {
        return Files.isDirectory(weights) ? weights : weights.toAbsolutePath().resolveSibling("");
    }

    /**
     * Opens the tokenizer of a folder, if there is one.
     *
     * @param folder a folder that may hold files of these names; llama2.c's format is not searched
     *     for
     * @return the tokenizer, or empty if there are no such files
     * @throws DataException if its files are invalid
     */
    public static Optional<Tokenizer> find(Path folder) {
        Path json = folder.resolve("tokenizer.json");
        if (Files.exists(json)) {
            return Optional.of(openJson(json));
        }
        for (Pair pair : PAIRS) {
            Path merges = folder.resolve(pair.merges);
            Path vocabulary = folder.resolve(pair.vocabulary);
            if (Files.exists(merges) && Files.exists(vocabulary)) {
                return Optional.of(byteLevel(merges, vocabulary));
            }
        }
        Path words = folder.resolve("vocab.txt");
        return Files.exists(words) ? Optional.of(open(words)) : Optional.empty();
    }

    private static Tokenizer openJson(Path file) {
        Json json = TextFiles.readJson(file);
        Path config = file.resolveSibling("tokenizer_config.json");
        if (json instanceof Json.Obj object && Files.exists(config)) {
            json = SpecialNames.keep(TextFiles.readJson(config), object);
        }
        return read(json, file.toString());
    }

    private static Tokenizer ofGguf(Path file) {
        try (Gguf gguf = Gguf.open(file)) {
            return read(GgufTokenizer.read(gguf.json(), file.toString()), file.toString());
        }
    }

    private static Tokenizer byteLevel(Path merges, Path vocabulary) {
        return LibraryTokenizer.of(
                TokenizerJson.byteLevel(vocabulary, merges), merges + " and " + vocabulary);
    }

    private static Tokenizer read(Json json, String source) {
        String type = json.get("type").string("");
        if (type.equals(CharTokenizer.TYPE)) {
            return CharTokenizer.read(json, source);
        }
        if (type.equals(ScoredTokenizer.TYPE)) {
            return ScoredTokenizer.read(json, source);
        }
        if (json instanceof Json.Obj object && json.get("model") instanceof Json.Obj) {
            return LibraryTokenizer.of(object, source);
        }
        throw new DataException(
                source
                        + ": must be a tokenizer.json, which has a \"model\", or a tokenizer that"
                        + " Residuum wrote");
    }
}
