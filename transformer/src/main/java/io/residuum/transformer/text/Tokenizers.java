package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens tokenizers:
 *
 * <pre>
 * tokenizer.json             any tokenizer of Hugging Face's library; special tokens are also looked
 *                            for in the tokenizer_config.json beside it
 * vocab.bpe, encoder.json    byte-level BPE, as GPT-2 came with
 * merges.txt, vocab.json     the same under other names
 * vocab.txt                  WordPiece, as BERT came with
 * NAME.bin                   a tokenizer of llama2.c
 * </pre>
 *
 * <p>{@link CharTokenizer} is made of a text.
 */
public final class Tokenizers {
    private static final String ACCEPTED =
            "a tokenizer is a tokenizer.json, vocab.bpe with encoder.json, merges.txt with"
                    + " vocab.json, vocab.txt, a .bin file of llama2.c, or a folder with one of"
                    + " these";

    /** Byte-level BPE: the name of the merges and of the vocabulary. */
    private record Pair(String merges, String vocabulary) {}

    private static final List<Pair> PAIRS =
            List.of(new Pair("vocab.bpe", "encoder.json"), new Pair("merges.txt", "vocab.json"));

    private Tokenizers() {}

    /**
     * Reads what {@link Tokenizer#json} wrote, or the text of a {@code tokenizer.json}.
     *
     * @param json the text
     * @return the tokenizer
     * @throws DataException if it is something else
     */
    public static Tokenizer parse(String json) {
        return read(TextFiles.parse(json, "tokenizer"), "tokenizer");
    }

    /**
     * Opens a tokenizer that is stored in one of the ways above.
     *
     * @param place a file, or a folder that holds the files under these names
     * @return the tokenizer
     * @throws DataException if there is none, or its files are not what they should be
     */
    public static Tokenizer open(Path place) {
        if (Files.isDirectory(place)) {
            return openFolder(place);
        }
        if (!Files.isRegularFile(place)) {
            throw new DataException(place + ": there is no such file or folder; " + ACCEPTED);
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
        throw new DataException(place + ": is no tokenizer; " + ACCEPTED);
    }

    private static Tokenizer openFolder(Path folder) {
        return find(folder)
                .orElseThrow(() -> new DataException(folder + ": holds no tokenizer; " + ACCEPTED));
    }

    /**
     * Opens the tokenizer of a folder that may have none.
     *
     * @param folder where its files may be, under the names above but that of llama2.c
     * @return the tokenizer, or nothing if there are no such files
     * @throws DataException if its files are not what they should be
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
                        + " this program wrote");
    }
}
