package io.residuum.transformer.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.hash.Hashing;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.transformer.layers.TokenEmbedding;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * An encoder of texts for a network.
 *
 * @param tokenizer the tokenizer, including special tokens around a text
 * @param length the maximum number of tokens; truncation keeps the end token
 */
public record TextEncoder(Tokenizer tokenizer, int length) {

    /**
     * Creates the encoder of a network.
     *
     * @return an encoder that cuts texts to what the network reads
     * @throws io.residuum.train.TrainingException if the network does not read tokens, or does not
     *     know all of the tokenizer's
     */
    public static TextEncoder of(Network network, Tokenizer tokenizer) {
        TextNetworks.requireIds(network, tokenizer.vocabulary(), tokenizer);
        return new TextEncoder(tokenizer, TextNetworks.input(network.spec()).length());
    }

    /** {@return true if a text has more tokens than the network reads, so that its end is cut} */
    public boolean cuts(String text) {
        return tokenizer.encodeForModel(text).length > length;
    }

    /** Returns what identifies the encoder in a checkpoint: its length and its tokenizer. */
    String fingerprint() {
        return "up to %d tokens by the tokenizer %.16s"
                .formatted(length, Hashing.murmur3_128().hashUnencodedChars(tokenizer.json()));
    }

    /** Returns true if texts have different lengths, so that a batch of them has padding. */
    boolean pads(Stream<String> texts) {
        return texts.mapToInt(text -> encode(text).length).distinct().limit(2).count() > 1;
    }

    /** {@return the ids of a text, at least one} */
    public int[] encode(String text) {
        return encode(text, () -> {});
    }

    /**
     * {@return the ids of a text, at least one}
     *
     * @param cut runs if the end of the text is cut, as {@link #cuts} says
     */
    public int[] encode(String text, Runnable cut) {
        int[] ids = tokenizer.encodeForModel(text);
        if (ids.length == 0) {
            // The text is empty and has no special tokens, but a network needs at least one token.
            return new int[] {tokenizer.special().padding().orElse(0)};
        }
        if (ids.length <= length) {
            return ids;
        }
        cut.run();
        int[] kept = Arrays.copyOf(ids, length);
        OptionalInt end = tokenizer.special().end();
        if (end.isPresent() && ids[ids.length - 1] == end.getAsInt()) {
            kept[length - 1] = end.getAsInt();
        }
        return kept;
    }

    /**
     * Creates the inputs of one forward pass: the ids {@code (N, T)}, padded to the longest text,
     * and the mask of the padding if there is any.
     *
     * @param manager owns the arrays
     * @param texts one text or more
     */
    public NDList inputs(NDManager manager, List<String> texts) {
        return inputsOf(manager, texts.stream().map(this::encode).toList());
    }

    /**
     * Creates the inputs of one forward pass from encoded texts.
     *
     * @param manager owns the arrays
     * @param ids the ids of one text or more, from {@link #encode}
     */
    public static NDList inputsOf(NDManager manager, List<int[]> ids) {
        return TokenBatch.ofTexts(ids, new int[ids.size()]).inputs(manager, DataType.FLOAT32);
    }

    /**
     * Creates the inputs of one forward pass from encoded texts with segments.
     *
     * @param manager owns the arrays
     * @param inputs one input or more
     * @param network the network; one that reads no segments gets none
     */
    public static NDList inputsOf(NDManager manager, List<ModelInput> inputs, Network network) {
        NDList list = inputsOf(manager, inputs.stream().map(ModelInput::ids).toList());
        boolean segmented =
                inputs.stream().flatMapToInt(i -> Arrays.stream(i.segments())).anyMatch(s -> s > 0);
        if (segmented && network.block().sideInputs().contains(TokenEmbedding.SEGMENTS)) {
            Shape shape = list.head().getShape();
            int length = Math.toIntExact(shape.get(1));
            long[] segments = new long[inputs.size() * length];
            for (int row = 0; row < inputs.size(); row++) {
                int[] own = inputs.get(row).segments();
                for (int i = 0; i < own.length; i++) {
                    segments[row * length + i] = own[i];
                }
            }
            NDArray array = Values.create(manager, segments, shape);
            array.setName(TokenEmbedding.SEGMENTS);
            list.add(array);
        }
        return list;
    }
}
