package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputTemplate;

/** A tokenizer that converts text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {

    /**
     * The metadata key for the tokenizer of a saved model. The value is the result of {@link
     * #json}.
     */
    String METADATA = "residuum.tokenizer";

    /**
     * Returns the size of the vocabulary.
     *
     * @return the bound of the ids, which are in [0, vocabulary)
     */
    int vocabulary();

    /**
     * Converts text to ids without adding special tokens.
     *
     * @param text any text
     * @throws io.residuum.data.DataException if no token covers some of the text and there is no
     *     token for unknown text
     */
    int[] encode(String text);

    /**
     * Converts text to the input of a model. It adds the tokenizer's special tokens, such as BERT's
     * {@code [CLS]} and {@code [SEP]}.
     *
     * @param text any text
     * @return the ids; the result of {@link #encode} if the tokenizer adds no special tokens
     * @throws io.residuum.data.DataException as {@link #encode}
     */
    int[] encodeForModel(String text);

    /**
     * Splits a text into tokens with offsets, without adding special tokens.
     *
     * @param text any text
     * @throws DataException as {@link #encode}, or if the tokenizer knows no offsets. Default:
     *     knows none
     */
    default Encoding tokens(String text) {
        throw new DataException(
                "offsets need a tokenizer.json or a tokenizer of characters, got " + this);
    }

    /**
     * Returns the special tokens around texts. Default: none
     *
     * @param texts the number of texts, 1 or 2
     */
    default InputTemplate template(int texts) {
        return InputTemplate.plain(texts);
    }

    /**
     * Converts ids to text without special tokens. A token may hold a part of a character. Bytes
     * that form no character become U+FFFD.
     *
     * @param ids the ids, in [0, vocabulary)
     */
    String decode(int... ids);

    /**
     * Returns the special tokens.
     *
     * @return their ids
     */
    SpecialTokens special();

    /** Returns a complete description of this tokenizer, to be stored in a model file. */
    String json();

    /** Frees memory outside the Java heap. */
    @Override
    void close();
}
