package io.residuum.weights;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The header of a llama2.c file, version 0: seven integers. All weights follow as float32, one kind
 * of weight after the other, each for all blocks. The format has no names. We use those of its
 * training program, which are Meta's.
 *
 * @see <a href="https://github.com/karpathy/llama2.c">llama2.c</a>
 */
record Llama2c(
        int width, int hidden, int blocks, int heads, int kvHeads, int vocabulary, int length) {
    private static final int FIELDS = 7;
    private static final int HEADER = FIELDS * Float.BYTES;
    private static final int MOST = 1 << 20;
    private static final int MOST_BLOCKS = 1 << 10;

    /** {@return the header of a file; empty if it cannot be one of llama2.c} */
    static Optional<Llama2c> recognize(MappedFile mapped) {
        if (mapped.size() < HEADER) {
            return Optional.empty();
        }
        IntBuffer in = mapped.slice(0, HEADER).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        Llama2c header =
                new Llama2c(in.get(), in.get(), in.get(), in.get(), in.get(), in.get(), in.get());
        return header.isPossible() ? Optional.of(header) : Optional.empty();
    }

    private boolean isPossible() {
        return isSize(width)
                && isSize(hidden)
                && isSize(blocks)
                && isSize(heads)
                && isSize(kvHeads)
                && isSize(length)
                && vocabulary != Integer.MIN_VALUE
                && isSize(Math.abs(vocabulary))
                && width % heads == 0
                && width / heads % 2 == 0
                && heads % kvHeads == 0
                && blocks <= MOST_BLOCKS;
    }

    private static boolean isSize(int size) {
        return size > 0 && size <= MOST;
    }

    /**
     * {@return the tensors of a recognized file}
     *
     * @throws WeightsException if the length of the file contradicts its header
     */
    MappedStateDict read(Path file, MappedFile mapped) {
        Layout layout = new Layout(mapped);
        long vectors = Math.abs(vocabulary);
        long keys = (long) width / heads * kvHeads;
        String block = "layers.%d.";
        layout.add("tok_embeddings.weight", vectors, width);
        layout.addEach(block + "attention_norm.weight", width);
        layout.addEach(block + "attention.wq.weight", width, width);
        layout.addEach(block + "attention.wk.weight", keys, width);
        layout.addEach(block + "attention.wv.weight", keys, width);
        layout.addEach(block + "attention.wo.weight", width, width);
        layout.addEach(block + "ffn_norm.weight", width);
        layout.addEach(block + "feed_forward.w1.weight", hidden, width);
        layout.addEach(block + "feed_forward.w2.weight", width, hidden);
        layout.addEach(block + "feed_forward.w3.weight", hidden, width);
        layout.add("norm.weight", width);
        long pairs = (long) width / heads / 2;
        layout.add("freqs_cos", length, pairs);
        layout.add("freqs_sin", length, pairs);
        // A negative vocabulary size means that the head is not tied to the embedding.
        if (vocabulary < 0) {
            layout.add("output.weight", vectors, width);
        }
        if (layout.end != mapped.size()) {
            throw WeightsException.in(
                    file,
                    "a llama2.c file of width %d, %d blocks and %d tokens must have %d bytes, found"
                                    .formatted(width, blocks, vectors, layout.end)
                            + " %d; it has another version or is truncated"
                                    .formatted(mapped.size()));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("dim", Integer.toString(width));
        metadata.put("hidden_dim", Integer.toString(hidden));
        metadata.put("n_layers", Integer.toString(blocks));
        metadata.put("n_heads", Integer.toString(heads));
        metadata.put("n_kv_heads", Integer.toString(kvHeads));
        metadata.put("vocab_size", Long.toString(vectors));
        metadata.put("max_seq_len", Integer.toString(length));
        return new MappedStateDict(file, metadata, layout.tensors, List.of());
    }

    /** Lays out tensors one after the other. */
    private final class Layout {
        private final MappedFile mapped;
        private final List<TensorView> tensors = new ArrayList<>();
        private long end = HEADER;

        Layout(MappedFile mapped) {
            this.mapped = mapped;
        }

        void addEach(String name, long... shape) {
            for (int i = 0; i < blocks; i++) {
                add(name.replace("%d", Integer.toString(i)), shape);
            }
        }

        void add(String name, long... shape) {
            TensorInfo info =
                    TensorInfo.of(name, TensorType.F32, Arrays.stream(shape).boxed().toList());
            // The total is compared with the file's length before any view is read.
            tensors.add(new TensorView(mapped, info, end, ByteOrder.LITTLE_ENDIAN));
            end = Math.addExact(end, info.bytes());
        }
    }
}
