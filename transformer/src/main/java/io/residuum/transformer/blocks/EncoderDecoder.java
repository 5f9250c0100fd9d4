package io.residuum.transformer.blocks;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * A decoder that reads an encoder's output for another sequence (Vaswani et al. 2017,
 * arXiv:1706.03762). The input and output are the decoder's. The encoder's input is the side input
 * {@value #SOURCE}, with an optional {@value #SOURCE_MASK}. Attention over a memory in the decoder
 * sees the encoder's output.
 *
 * @param name its name. Default: empty
 * @param encoder reads the source
 * @param decoder reads the input and the memory
 * @param sourceLength how long a source is, for shapes and costs; 0 for as long as the input.
 *     Default: 0
 */
@TypeName("encoderDecoder")
@Doc("A decoder that reads what an encoder made of another sequence.")
public record EncoderDecoder(
        @Default("\"\"") String name,
        LayerSpec encoder,
        LayerSpec decoder,
        @Default("0") int sourceLength)
        implements LayerSpec {

    /** The name of the side input with the source. */
    public static final String SOURCE = "source";

    /** The name of the source's mask. */
    public static final String SOURCE_MASK = "sourceMask";

    public EncoderDecoder {
        Check.notNegative("sourceLength", sourceLength);
    }

    @Override
    public LayerSpec expanded() {
        return new EncoderDecoder(name, encoder.expanded(), decoder.expanded(), sourceLength);
    }

    @Override
    public Layer newBlock(Shape input) {
        long[] dims = input.getShape().clone();
        if (sourceLength > 0 && dims.length > 1) {
            dims[1] = sourceLength;
        }
        return new EncoderDecoderBlock(
                input,
                Build.child("encoder", encoder, new Shape(dims)),
                Build.child("decoder", decoder, input));
    }
}
