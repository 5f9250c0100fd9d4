package io.residuum.transformer.blocks;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.function.UnaryOperator;

/**
 * An encoder, and a decoder that attends to its output (Vaswani et al. 2017, arXiv:1706.03762).
 * Input and output are those of the decoder. The encoder reads the side input {@value #SOURCE},
 * with an optional {@value #SOURCE_MASK}. Cross-attention in the decoder reads the output of the
 * encoder.
 *
 * @param encoder layer that reads the source
 * @param decoder layer that reads the input and the encoder's output
 * @param sourceLength length of a source, for shapes and costs; 0 for the length of the input.
 *     Default: 0
 * @param start id that begins the decoder's input if both read one text: the input is the source,
 *     and the decoder reads it shifted right by this id, for instance to classify it (Lewis et al.
 *     2020, arXiv:1910.13461, Section 3.1). -1: the source is a side input. -2: both read one text,
 *     and the decoder's input begins with the last token of it that is not padding, in mBART the id
 *     of its language (Liu et al. 2020, arXiv:2001.08210, Section 2.2). Default: -1
 */
@TypeName("encoderDecoderBlocks")
public record EncoderDecoder(
        @Default("\"\"") String name,
        LayerSpec encoder,
        LayerSpec decoder,
        @Default("0") int sourceLength,
        @Default("-1") int start)
        implements LayerSpec {

    /** The side input with the source. */
    public static final String SOURCE = "source";

    /** The side input with the mask of the source. */
    public static final String SOURCE_MASK = "sourceMask";

    /** The start of a decoder that begins with the last token of the text that it shifts. */
    public static final int LAST_TOKEN = -2;

    public EncoderDecoder {
        Check.notNegative("sourceLength", sourceLength);
        Check.that(
                start >= LAST_TOKEN && (start == -1 || sourceLength == 0),
                "start must be an id, -1 or -2, and sourceLength 0 unless it is -1, got %s and"
                        + " %s",
                start,
                sourceLength);
    }

    @Override
    public long layerCount() {
        return 1 + Build.layerCount("encoder", encoder) + Build.layerCount("decoder", decoder);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new EncoderDecoder(
                name, change.apply(encoder), change.apply(decoder), sourceLength, start);
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
                Build.child("decoder", decoder, input),
                start);
    }
}
