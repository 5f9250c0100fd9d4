package io.residuum.transformer.text;

/** Turns text into token ids and back. May be used by several threads. */
public interface Tokenizer extends AutoCloseable {

    /** The metadata key of a saved model that holds its tokenizer, as {@link #json} writes it. */
    String METADATA = "residuum.tokenizer";

    /**
     * The number of different ids.
     *
     * @return ids are in [0, vocabulary)
     */
    int vocabulary();

    /**
     * Turns text into ids, without special tokens around it.
     *
     * @param text any text
     * @return its ids
     * @throws io.residuum.data.DataException if no token covers some of the text and there is none
     *     for unknown text
     */
    int[] encode(String text);

    /**
     * Turns text into what a model reads: with the special tokens that the tokenizer puts around
     * it, for instance BERT's {@code [CLS]} and {@code [SEP]}.
     *
     * @param text any text
     * @return its ids; those of {@link #encode} where the tokenizer adds none
     * @throws io.residuum.data.DataException as {@link #encode}
     */
    int[] encodeForModel(String text);

    /**
     * Turns ids into text; special tokens are left out. A token may be a part of a character: bytes
     * that make no character become U+FFFD.
     *
     * @param ids ids in [0, vocabulary)
     * @return the text
     */
    String decode(int... ids);

    /**
     * The tokens that stand for no text.
     *
     * @return their ids
     */
    SpecialTokens special();

    /**
     * Everything that makes this tokenizer, for a model file.
     *
     * @return JSON
     */
    String json();

    /** Frees what it holds outside the Java heap. */
    @Override
    void close();
}
