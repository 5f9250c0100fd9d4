package io.residuum.transformer.predict;

import io.residuum.data.DataException;
import io.residuum.model.ClassActivation;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.Bert;
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
        model.requireHead(
                head -> head instanceof Bert.Head.MaskedLm || head instanceof Bert.Head.Pretraining,
                "filling masks needs a masked language model");
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
        Check.positive("count", count);
        Encoding tokens = model.tokens(text);
        if (model.encoder().cuts(tokens)) {
            throw new DataException(
                    "a text with masks must have at most %d tokens with special tokens, got %d and special tokens: shorten it"
                            .formatted(model.encoder().length(), tokens.size()));
        }
        ModelInput input = model.input(tokens);
        int[] places =
                IntStream.range(0, input.size()).filter(i -> input.ids()[i] == mask).toArray();
        if (places.length == 0) {
            throw new DataException(
                    "the text must hold a mask of the tokenizer, such as [MASK] or <mask>, got "
                            + text);
        }
        List<MaskFill> found = new ArrayList<>();
        model.forward(
                List.of(input),
                1,
                (one, output) -> {
                    for (int i = 0; i < places.length; i++) {
                        float[] logits = output.get(places[i]).toFloatArray();
                        found.addAll(best(input.ids(), places[i], i, logits, count));
                    }
                });
        return found;
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
