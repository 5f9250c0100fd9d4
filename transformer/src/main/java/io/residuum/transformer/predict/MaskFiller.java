package io.residuum.transformer.predict;

import io.residuum.data.DataException;
import io.residuum.model.ClassActivation;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Finds the tokens that a masked language model expects at the masks of texts. */
public final class MaskFiller {
    private final TextModel model;
    private final int mask;

    /**
     * Creates a filler.
     *
     * @param model a model with the head {@code maskedLm} or {@code pretraining}; the caller closes
     *     it
     * @throws SpecException if the model has another head, or its tokenizer no mask
     */
    public MaskFiller(TextModel model) {
        model.require(TextOutput.MASKED_TOKENS, "filling masks needs a masked language model");
        this.model = model;
        this.mask =
                model.tokenizer()
                        .special()
                        .mask()
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                "filling masks needs a tokenizer with a token"
                                                        + " for the mask, but that of the"
                                                        + " model, "
                                                        + model.tokenizer()
                                                        + ", has none: train with a --tokenizer"
                                                        + " that has one"));
    }

    /**
     * Fills the masks of a text, each by itself.
     *
     * @param text a text with the mask of the tokenizer, such as {@code [MASK]} or {@code <mask>}
     * @param count the number of tokens for each mask, positive
     * @return the most probable tokens of the first mask, then of the next
     * @throws DataException if the text has no mask or is too long
     */
    public List<MaskFill> fill(String text, int count) {
        return fill(List.of(text), count).get(0);
    }

    /**
     * Fills the masks of texts, each by itself.
     *
     * @param count the number of tokens for each mask, positive
     * @return the tokens of each text, as {@link #fill(String, int)}
     * @throws DataException if a text has no mask or is too long
     */
    public List<List<MaskFill>> fill(List<String> texts, int count) {
        Check.positive("count", count);
        List<Encoding> tokens = texts.stream().map(this::tokens).toList();
        List<ModelInput> inputs = tokens.stream().map(model.encoder()::encode).toList();
        List<List<MaskFill>> found = new ArrayList<>();
        model.forward(
                inputs,
                (i, output) -> {
                    int[] ids = inputs.get(i).ids();
                    int[] places = places(ids);
                    List<String> masks = masks(texts.get(i), tokens.get(i));
                    List<MaskFill> fills = new ArrayList<>();
                    for (int m = 0; m < places.length; m++) {
                        float[] logits = output.get(places[m]).toFloatArray();
                        fills.addAll(best(ids, masks, m, logits, count));
                    }
                    found.add(fills);
                });
        return found;
    }

    private Encoding tokens(String text) {
        Encoding tokens = model.tokens(text);
        if (model.encoder().cuts(tokens)) {
            throw new DataException(
                    "a text with masks must have at most %d tokens with special tokens, got %d and special tokens: shorten it"
                            .formatted(model.encoder().length(), tokens.size()));
        }
        if (places(tokens.ids()).length == 0) {
            throw new DataException(
                    "the text must hold a mask of the tokenizer, such as [MASK] or <mask>, got "
                            + text);
        }
        return tokens;
    }

    /** Returns the masks as the text writes them, with the spaces around them. */
    private List<String> masks(String text, Encoding tokens) {
        return Arrays.stream(places(tokens.ids()))
                .mapToObj(
                        i -> {
                            // A mask may include the space before it.
                            int start = Math.max(0, tokens.starts()[i] - 1);
                            int end = Math.min(text.length(), tokens.ends()[i] + 1);
                            String around = text.substring(start, end);
                            String written = tokens.tokens().get(i);
                            int at = around.indexOf(written);
                            boolean before = at > 0 && around.charAt(at - 1) == ' ';
                            boolean after = around.endsWith(" ");
                            return (before ? " " : "") + written + (after ? " " : "");
                        })
                .toList();
    }

    private int[] places(int... ids) {
        return IntStream.range(0, ids.length).filter(i -> ids[i] == mask).toArray();
    }

    private List<MaskFill> best(
            int[] ids, List<String> masks, int index, float[] logits, int count) {
        // A network may have more rows than the tokenizer has tokens.
        int vocabulary = Math.min(logits.length, model.tokenizer().vocabulary());
        double[] scores = ClassActivation.SOFTMAX.scores(logits, 0, logits.length);
        return IntStream.range(0, vocabulary)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(count)
                .map(
                        token ->
                                new MaskFill(
                                        index,
                                        token,
                                        model.tokenizer().decode(token),
                                        scores[token],
                                        sequence(ids, masks, index, token)))
                .toList();
    }

    /** Returns the text with a token for one mask; other masks, which decoding drops, stay. */
    private String sequence(int[] ids, List<String> masks, int index, int token) {
        int[] filled = ids.clone();
        int[] places = places(ids);
        filled[places[index]] = token;
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int m = 0; m < places.length; m++) {
            if (m != index) {
                append(text, filled, from, places[m]);
                boolean spaced = text.isEmpty() || text.charAt(text.length() - 1) == ' ';
                text.append(spaced ? masks.get(m).stripLeading() : masks.get(m));
                from = places[m] + 1;
            }
        }
        return append(text, filled, from, ids.length).toString().strip();
    }

    private StringBuilder append(StringBuilder text, int[] ids, int from, int to) {
        String piece = model.tokenizer().decode(Arrays.copyOfRange(ids, from, to));
        // A piece that follows a mask has the space after the mask already.
        return text.append(from == 0 ? piece : piece.strip());
    }
}
