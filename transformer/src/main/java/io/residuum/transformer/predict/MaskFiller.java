package io.residuum.transformer.predict;

import io.residuum.data.DataException;
import io.residuum.model.ClassActivation;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.ArrayList;
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
                                                "filling masks needs a tokenizer with a mask, but"
                                                        + " "
                                                        + model.tokenizer()
                                                        + " has none"));
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
     * @param texts the texts
     * @param count the number of tokens for each mask, positive
     * @return the tokens of each text, as {@link #fill(String, int)}
     * @throws DataException if a text has no mask or is too long
     */
    public List<List<MaskFill>> fill(List<String> texts, int count) {
        Check.positive("count", count);
        List<ModelInput> inputs = texts.stream().map(this::input).toList();
        List<List<MaskFill>> found = new ArrayList<>();
        model.forward(
                inputs,
                (i, output) -> {
                    int[] ids = inputs.get(i).ids();
                    int[] places = places(ids);
                    List<MaskFill> fills = new ArrayList<>();
                    for (int m = 0; m < places.length; m++) {
                        float[] logits = output.get(places[m]).toFloatArray();
                        fills.addAll(best(ids, places[m], m, logits, count));
                    }
                    found.add(fills);
                });
        return found;
    }

    private ModelInput input(String text) {
        Encoding tokens = model.tokens(text);
        if (model.encoder().cuts(tokens)) {
            throw new DataException(
                    "a text with masks must have at most %d tokens with special tokens, got %d and special tokens: shorten it"
                            .formatted(model.encoder().length(), tokens.size()));
        }
        ModelInput input = model.encoder().encode(tokens);
        if (places(input.ids()).length == 0) {
            throw new DataException(
                    "the text must hold a mask of the tokenizer, such as [MASK] or <mask>, got "
                            + text);
        }
        return input;
    }

    private int[] places(int... ids) {
        return IntStream.range(0, ids.length).filter(i -> ids[i] == mask).toArray();
    }

    private List<MaskFill> best(int[] ids, int place, int index, float[] logits, int count) {
        // A network may have more rows than the tokenizer has tokens.
        int vocabulary = Math.min(logits.length, model.tokenizer().vocabulary());
        double[] scores = ClassActivation.SOFTMAX.scores(logits, 0, logits.length);
        return IntStream.range(0, vocabulary)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(count)
                .map(
                        token -> {
                            int[] filled = ids.clone();
                            filled[place] = token;
                            return new MaskFill(
                                    index,
                                    token,
                                    model.tokenizer().decode(token),
                                    scores[token],
                                    model.tokenizer().decode(filled));
                        })
                .toList();
    }
}
