package io.residuum.transformer.text.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residuum.data.DataException;
import java.io.IOException;
import java.util.List;

/**
 * The tokens of one or two texts as the native library gives them.
 *
 * @param tokens the tokens as the vocabulary writes them
 * @param ids the id of each token
 * @param segments the segment of each token (token type)
 * @param texts the text of each token, 0 or 1; -1 for tokens that the template adds
 * @param starts the code point in its text at which each token starts; 0 for added tokens
 * @param ends the code point after each token
 * @param words the index of each token's word, -1 for none
 */
public record NativeTokens(
        List<String> tokens,
        int[] ids,
        int[] segments,
        int[] texts,
        int[] starts,
        int[] ends,
        int[] words) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Writes the tokens for {@link #read}. */
    byte[] bytes() {
        try {
            return MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new DataException("cannot send tokens: " + e.getMessage(), e);
        }
    }

    /** Reads what {@link #bytes} wrote. */
    static NativeTokens read(byte[] bytes) {
        try {
            return MAPPER.readValue(bytes, NativeTokens.class);
        } catch (IOException e) {
            throw new DataException("cannot read tokens: " + e.getMessage(), e);
        }
    }
}
