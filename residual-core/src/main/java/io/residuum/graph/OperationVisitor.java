package io.residuum.graph;

/**
 * A visitor with a method for every operation. Emitters implement it, so that a new operation does
 * not compile until every emitter supports it.
 *
 * @param <R> the type of the result
 */
public interface OperationVisitor<R> {
    R leaf(Leaf leaf);

    R convolution(Operation.Convolution convolution);

    R transposedConvolution(TransposedConvolution convolution);

    R linear(Operation.Linear linear);

    R product(Operation.Product product);

    R batchNorm(Operation.BatchNorm batchNorm);

    R layerNorm(Operation.LayerNorm layerNorm);

    R pad(Operation.Pad pad);

    R pool(Operation.Pool pool);

    R globalPool(Operation.GlobalPool globalPool);

    R resize(Resize resize);

    R fakeQuantize(FakeQuantize fakeQuantize);

    /** Refuses the operation, which only ONNX has. */
    default R dynamicQuantize(DynamicQuantize dynamicQuantize) {
        throw new IllegalArgumentException(
                "only ONNX has activations of 8 bits by their range in each run: use onnx, or"
                        + " quantize the network another way");
    }

    R unary(Operation.Unary unary);

    R binary(Operation.Binary binary);

    R scalar(Operation.Scalar scalar);

    R softmax(Operation.Softmax softmax);

    R reduce(Operation.Reduce reduce);

    R reshape(Operation.Reshape reshape);

    R expand(Operation.Expand expand);

    R transpose(Operation.Transpose transpose);

    R slice(Operation.Slice slice);

    R concat(Operation.Concat concat);

    R writeLast(WriteLast writeLast);

    R repeat(Operation.Repeat repeat);

    R embedding(Operation.Embedding embedding);

    R cast(Operation.Cast cast);

    R dropout(Operation.Dropout dropout);

    R attention(Operation.Attention attention);

    R channelsLast(Operation.ChannelsLast channelsLast);
}
