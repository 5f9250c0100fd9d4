package io.residuum.transformer.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.nn.Layer;
import io.residuum.train.TrainingBatch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch of token sequences with labels.
 *
 * @param samples the size of the batch in the task's unit
 * @param rows the number of sequences N
 * @param length the number of tokens T of each sequence
 * @param ids {@code (N, T)} in row-major order
 * @param mask {@code (N, T)}, 1 for tokens and 0 for padding; null if there is no padding
 * @param labels {@code (N)} or {@code (N, T)}
 */
record TokenBatch(
        int samples, int rows, int length, long[] ids, float @Nullable [] mask, int[] labels)
        implements TrainingBatch {

    /** The side input that hides padding, under the default name in attention. */
    static final String MASK = "mask";

    /**
     * Returns a batch of windows whose labels are the next tokens.
     *
     * @param windows {@code (N, T + 1)}
     */
    static TokenBatch ofNextTokens(long[] windows, int rows) {
        int length = windows.length / rows - 1;
        long[] ids = new long[rows * length];
        int[] labels = new int[rows * length];
        for (int row = 0; row < rows; row++) {
            int from = row * (length + 1);
            System.arraycopy(windows, from, ids, row * length, length);
            for (int i = 0; i < length; i++) {
                labels[row * length + i] = (int) windows[from + i + 1];
            }
        }
        return new TokenBatch(ids.length, rows, length, ids, null, labels);
    }

    /** Ignores all labels of a row except the last ones. */
    void keepLast(int row, int count) {
        for (int i = 0; i < length - count; i++) {
            labels[row * length + i] = Target.IGNORED;
        }
    }

    /**
     * Returns a batch of texts, padded to the longest of them.
     *
     * @param texts the ids of each text, at least one token
     * @param labels {@code (N)}
     */
    static TokenBatch ofTexts(List<int[]> texts, int[] labels) {
        int rows = texts.size();
        int length = texts.stream().mapToInt(t -> t.length).max().orElseThrow();
        boolean padded = texts.stream().anyMatch(t -> t.length < length);
        // Padding has id 0; the mask hides it.
        long[] ids = new long[rows * length];
        float[] mask = padded ? new float[rows * length] : null;
        for (int row = 0; row < rows; row++) {
            int[] text = texts.get(row);
            for (int i = 0; i < text.length; i++) {
                ids[row * length + i] = text[i];
                if (mask != null) {
                    mask[row * length + i] = 1;
                }
            }
        }
        return new TokenBatch(rows, rows, length, ids, mask, labels);
    }

    @Override
    public Map<String, Target> targets() {
        return Map.of(Layer.OUTPUT, new Target.Classes(labels));
    }

    @Override
    public NDList inputs(NDManager manager, DataType type) {
        Shape shape = new Shape(rows, length);
        NDList inputs = new NDList(Values.create(manager, ids, shape));
        if (mask != null) {
            NDArray sideInput = Values.create(manager, mask, shape, type);
            sideInput.setName(MASK);
            inputs.add(sideInput);
        }
        return inputs;
    }
}
