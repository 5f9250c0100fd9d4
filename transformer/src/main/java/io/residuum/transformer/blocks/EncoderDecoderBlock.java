package io.residuum.transformer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.layers.PositionEmbedding;
import org.jspecify.annotations.Nullable;

/** A decoder that reads what an encoder made of another sequence. */
public final class EncoderDecoderBlock extends Layer {
    private final Layer encoder;
    private final Layer decoder;

    /**
     * Creates the block.
     *
     * @param input the decoder's input
     * @param encoder reads the source
     * @param decoder reads the input and the memory
     */
    EncoderDecoderBlock(Shape input, Layer encoder, Layer decoder) {
        super(input);
        this.encoder = child("encoder", encoder);
        this.decoder = child("decoder", decoder);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray mask = sourceMask(pass);
        NDList seen = riders(Attention.MEMORY_MASK, mask);
        seen.addAll(riders(Attention.MASK, pass.rider(Attention.MASK)));
        seen.addAll(riders(PositionEmbedding.POSITIONS, pass.rider(PositionEmbedding.POSITIONS)));
        if (pass.firstPosition() > 0) {
            // Cross-attention keeps what it reads of the memory.
            return decoder.forward(pass.with(seen), x);
        }
        NDArray memory = encoder.forward(pass.apart(riders(Attention.MASK, mask)), source(pass));
        seen.addAll(riders(Attention.MEMORY, memory));
        NDArray y = decoder.forward(pass.with(seen), x);
        pass.release(memory, y);
        return y;
    }

    /** Kept with the memory that it is of. */
    private @Nullable NDArray sourceMask(ForwardPass pass) {
        NDArray mask = pass.rider(EncoderDecoder.SOURCE_MASK);
        Cache past = pass.past();
        if (past == null) {
            return mask;
        }
        NDList kept =
                past.once(
                        pass,
                        this,
                        () -> mask == null ? new NDList() : new NDList(mask.duplicate()));
        return kept.isEmpty() ? null : kept.head();
    }

    private static NDArray source(ForwardPass pass) {
        NDArray source = pass.rider(EncoderDecoder.SOURCE);
        if (source == null) {
            throw new IllegalArgumentException(
                    "an encoder and decoder need a rider named \""
                            + EncoderDecoder.SOURCE
                            + "\", got "
                            + pass.riders().stream().map(NDArray::getName).toList());
        }
        return source;
    }

    /** One rider under a name, which an array has only one of: another array over the same data. */
    private static NDList riders(String name, @Nullable NDArray array) {
        if (array == null) {
            return new NDList();
        }
        NDArray named = name.equals(array.getName()) ? array : array.reshape(array.getShape());
        named.setName(name);
        return new NDList(named);
    }

    @Override
    public Shape outputShape(Shape in) {
        return decoder.outputShape(in);
    }

    @Override
    public String describe() {
        return "EncoderDecoder";
    }
}
