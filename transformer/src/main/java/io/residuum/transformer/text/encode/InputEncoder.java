package io.residuum.transformer.text.encode;

import io.residuum.data.DataException;
import io.residuum.spec.Check;
import io.residuum.transformer.text.encode.InputTemplate.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Encodes one or two texts as the input of a model: special tokens and segments by the tokenizer's
 * template, truncated to the model's length.
 *
 * @param template the special tokens around one or two texts, a method of the tokenizer
 * @param length the largest number of tokens
 * @param truncation the texts that lose tokens
 * @param side the end of a text that loses tokens
 */
public record InputEncoder(
        IntFunction<InputTemplate> template,
        int length,
        Truncation truncation,
        Truncation.Side side) {

    public InputEncoder {
        Check.positive("length", length);
    }

    /**
     * Creates an encoder that cuts the end of the longest text.
     *
     * @param template the special tokens around one or two texts, a method of the tokenizer
     * @param length the largest number of tokens
     */
    public InputEncoder(IntFunction<InputTemplate> template, int length) {
        this(template, length, Truncation.LONGEST_FIRST, Truncation.Side.RIGHT);
    }

    /**
     * {@return a copy with another length}
     *
     * @param value the largest number of tokens
     */
    public InputEncoder withLength(int value) {
        return new InputEncoder(template, value, truncation, side);
    }

    /**
     * {@return the input of a model}
     *
     * @param texts the tokens of one or two texts
     * @throws DataException if the texts have no tokens, or the truncation cannot make them short
     *     enough
     */
    public ModelInput encode(Encoding... texts) {
        InputTemplate parts = template.apply(texts.length);
        int[] kept = kept(parts, texts);
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            int size = texts[i].size();
            slices.add(
                    side == Truncation.Side.RIGHT
                            ? new Slice(texts[i], 0, kept[i])
                            : new Slice(texts[i], size - kept[i], size));
        }
        ModelInput input = parts.fill(slices);
        if (input.size() == 0) {
            throw new DataException("a text must have at least one token, got an empty text");
        }
        return input;
    }

    /**
     * {@return true if texts have more tokens than the model reads}
     *
     * @param texts the tokens of one or two texts
     */
    public boolean cuts(Encoding... texts) {
        return sum(texts) + template.apply(texts.length).specials() > length;
    }

    /**
     * Divides the last text into overlapping windows, which together hold all of its tokens. Each
     * window has the whole first text if there are two.
     *
     * @param overlap the number of tokens that neighbors share, not negative; each window adds at
     *     least one token
     * @param texts the tokens of one or two texts
     * @return the inputs in order, at least one
     * @throws DataException if the first text leaves no room for the second
     */
    public List<ModelInput> windows(int overlap, Encoding... texts) {
        Check.notNegative("overlap", overlap);
        InputTemplate parts = template.apply(texts.length);
        Encoding last = texts[texts.length - 1];
        int room = length - parts.specials() - (sum(texts) - last.size());
        if (room < 1) {
            throw noRoom(texts, parts);
        }
        int step = room - Math.min(overlap, room - 1);
        List<ModelInput> windows = new ArrayList<>();
        int from = 0;
        do {
            Slice slice = new Slice(last, from, Math.min(from + room, last.size()));
            windows.add(
                    parts.fill(
                            texts.length == 1
                                    ? List.of(slice)
                                    : List.of(new Slice(texts[0], 0, texts[0].size()), slice)));
            from = slice.to() == last.size() ? last.size() : from + step;
        } while (from < last.size());
        return windows;
    }

    private int[] kept(InputTemplate parts, Encoding... texts) {
        int room = length - parts.specials();
        int second = texts.length == 1 ? 0 : texts[1].size();
        Truncation used = texts.length == 1 ? Truncation.ONLY_FIRST : truncation;
        int[] kept = used.kept(texts[0].size(), second, room);
        if (kept[0] < 0 || kept[1] < 0) {
            throw noRoom(texts, parts);
        }
        return kept;
    }

    private DataException noRoom(Encoding[] texts, InputTemplate parts) {
        return new DataException(
                "texts of %s tokens and %d special tokens do not fit into the %d tokens of the model with %s: shorten the text that is not cut"
                        .formatted(
                                Arrays.stream(texts).map(Encoding::size).toList(),
                                parts.specials(),
                                length,
                                truncation));
    }

    private static int sum(Encoding... texts) {
        return Arrays.stream(texts).mapToInt(Encoding::size).sum();
    }
}
