package io.residuum.transformer.text.encode;

import java.util.ArrayList;
import java.util.List;

/**
 * The order of texts and special tokens in the input of a model, such as {@code [CLS] A [SEP] B
 * [SEP]}.
 *
 * @param parts the special tokens and texts in order
 */
public record InputTemplate(List<Part> parts) {

    /** A special token or the place of a text. */
    public sealed interface Part {
        /** {@return the segment of its tokens (token type)} */
        int segment();
    }

    /**
     * A special token.
     *
     * @param id its id
     * @param segment its segment
     */
    public record Special(int id, int segment) implements Part {}

    /**
     * The place of a text.
     *
     * @param index 0 for the first text, 1 for the second
     * @param segment the segment of its tokens
     */
    public record Text(int index, int segment) implements Part {}

    public InputTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * {@return the template of a tokenizer without special tokens}
     *
     * @param texts the number of texts, 1 or 2
     */
    public static InputTemplate plain(int texts) {
        return texts == 1
                ? new InputTemplate(List.of(new Text(0, 0)))
                : new InputTemplate(List.of(new Text(0, 0), new Text(1, 0)));
    }

    /** {@return the number of special tokens} */
    public int specials() {
        return (int) parts.stream().filter(Special.class::isInstance).count();
    }

    /**
     * Joins texts and special tokens.
     *
     * @param slices the tokens of each text, in order
     */
    ModelInput fill(List<Slice> slices) {
        List<int[]> columns = new ArrayList<>();
        for (Part part : parts) {
            if (part instanceof Special special) {
                columns.add(new int[] {special.id(), special.segment(), -1, -1});
            } else if (part instanceof Text text) {
                Slice slice = slices.get(text.index());
                for (int i = slice.from(); i < slice.to(); i++) {
                    int id = slice.encoding().ids()[i];
                    columns.add(new int[] {id, text.segment(), text.index(), i});
                }
            }
        }
        return new ModelInput(
                column(columns, 0), column(columns, 1), column(columns, 2), column(columns, 3));
    }

    private static int[] column(List<int[]> columns, int index) {
        return columns.stream().mapToInt(column -> column[index]).toArray();
    }

    /** Some tokens of a text. */
    record Slice(Encoding encoding, int from, int to) {}
}
