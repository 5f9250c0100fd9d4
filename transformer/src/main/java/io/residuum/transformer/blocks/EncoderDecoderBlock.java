package io.residuum.transformer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.HasVocabulary;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.PositionEmbedding;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An encoder, and a decoder that attends to its output. */
public final class EncoderDecoderBlock extends Layer {
    private final Layer encoder;
    private final Layer decoder;
    private final int start;
    private final @Nullable Layer last;

    EncoderDecoderBlock(Shape input, Layer encoder, Layer decoder, int start) {
        super(input);
        this.encoder = child("encoder", encoder);
        this.decoder = child("decoder", decoder);
        this.start = start;
        Shape ids = new Shape(input.get(0), input.get(1), 1);
        last =
                start == EncoderDecoder.LAST_TOKEN
                        ? child("last", new LastTokenPool("").newBlock(ids))
                        : null;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray mask = readsOneText() ? pass.sideInput(Attention.MASK) : sourceMask(pass);
        NDList seen = named(pass, Attention.MEMORY_MASK, mask);
        seen.addAll(named(pass, Attention.MASK, pass.sideInput(Attention.MASK)));
        NDArray positions = pass.sideInput(PositionEmbedding.POSITIONS);
        seen.addAll(named(pass, PositionEmbedding.POSITIONS, positions));
        // Later passes read the encoder's output from the cache of cross-attention.
        if (pass.firstPosition() == 0) {
            ForwardPass encoding =
                    pass.withCache(null).withSideInputs(named(pass, Attention.MASK, mask));
            NDArray memory = encoder.forward(encoding, readsOneText() ? x : source(pass));
            seen.addAll(named(pass, Attention.MEMORY, memory));
        }
        return decoder.forward(pass.withSideInputs(seen), readsOneText() ? shifted(pass, x) : x);
    }

    /** {@return true if encoder and decoder read the same text, and no side input is the source} */
    public boolean readsOneText() {
        return start != -1;
    }

    /** {@return the text shifted right, after the start} */
    private NDArray shifted(ForwardPass pass, NDArray x) {
        Ops ops = pass.ops();
        long length = x.getShape().get(1);
        NDArray first =
                last == null
                        ? ops.add(ops.mul(ops.slice(x, 1, 0, 1), 0), start)
                        : lastToken(pass, last, x);
        return length == 1
                ? first
                : NDArrays.concat(new NDList(first, ops.slice(x, 1, 0, length - 1)), 1);
    }

    /** {@return the last token of each text that is not padding, (N, 1)} */
    private static NDArray lastToken(ForwardPass pass, Layer pool, NDArray x) {
        Shape s = x.getShape();
        // Single precision holds every id below 2^24.
        NDArray ids = x.toType(DataType.FLOAT32, false).reshape(s.get(0), s.get(1), 1);
        return pool.forward(pass, ids).toType(x.getDataType(), false);
    }

    /** {@return the mask of the source; a cache keeps that of the first pass} */
    private @Nullable NDArray sourceMask(ForwardPass pass) {
        NDArray mask = pass.sideInput(EncoderDecoder.SOURCE_MASK);
        Cache cache = pass.cache();
        if (cache == null) {
            return mask;
        }
        NDList kept =
                cache.once(
                        pass,
                        this,
                        () -> mask == null ? new NDList() : new NDList(mask.duplicate()));
        return kept.isEmpty() ? null : kept.head();
    }

    private static NDArray source(ForwardPass pass) {
        NDArray source = pass.sideInput(EncoderDecoder.SOURCE);
        if (source == null) {
            throw new IllegalArgumentException(
                    "an encoder with a decoder needs a side input named \""
                            + EncoderDecoder.SOURCE
                            + "\", got "
                            + pass.sideInputs().stream().map(NDArray::getName).toList());
        }
        return source;
    }

    /** Lists the array under a name, if there is one. Another name needs a view. */
    private static NDList named(ForwardPass pass, String name, @Nullable NDArray array) {
        if (array == null) {
            return new NDList();
        }
        if (name.equals(array.getName())) {
            return new NDList(array);
        }
        NDArray view = array.reshape(array.getShape());
        view.attach(pass.manager());
        view.setName(name);
        return new NDList(view);
    }

    /**
     * Declares the source, and what the decoder reads of the pass. The encoder reads nothing else.
     * The names in other libraries follow transformers, where {@code input_ids} is the source.
     */
    @Override
    public SideInputs sideInputs() {
        SideInputs decoding = decoder.sideInputs();
        if (readsOneText()) {
            return SideInputs.NONE.and(SideInput.mask(Attention.MASK, "attention_mask"));
        }
        SideInputs all =
                SideInputs.NONE.and(
                        SideInput.ids(EncoderDecoder.SOURCE, sourceVocabulary(), "input_ids")
                                .asRequired());
        if (encoder.sideInputs().contains(Attention.MASK)
                || decoding.contains(Attention.MEMORY_MASK)) {
            all = all.and(SideInput.mask(EncoderDecoder.SOURCE_MASK, "attention_mask"));
        }
        if (decoding.contains(Attention.MASK)) {
            all = all.and(SideInput.mask(Attention.MASK, "decoder_attention_mask"));
        }
        return all.and(
                decoding
                        .find(PositionEmbedding.POSITIONS)
                        .map(positions -> positions.withAliases("decoder_position_ids"))
                        .stream()
                        .toList());
    }

    /** {@return the number of ids of the encoder's first table, or 0 if it has none} */
    private long sourceVocabulary() {
        AtomicLong first = new AtomicLong();
        encoder.walk(
                (path, layer) -> {
                    if (layer instanceof HasVocabulary table) {
                        first.compareAndSet(0, table.vocabulary());
                    }
                });
        return first.get();
    }

    @Override
    public Shape outputShape(Shape in) {
        return decoder.outputShape(in);
    }
}
