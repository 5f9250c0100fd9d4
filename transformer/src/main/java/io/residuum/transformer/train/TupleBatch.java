package io.residuum.transformer.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Target;
import io.residuum.nn.Layer;
import io.residuum.train.TrainingBatch;
import io.residuum.transformer.text.pairs.TextTuple;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch of texts that belong together. The texts of a tuple are rows one after the other.
 *
 * @param tokens the texts
 * @param samples the number of tuples N
 * @param scores the similarities {@code (N)}; null if there are none
 */
record TupleBatch(TokenBatch tokens, int samples, Target.@Nullable Numbers scores)
        implements TrainingBatch {

    /**
     * Returns a batch of some tuples.
     *
     * @param tuples all tuples
     * @param ids the tokens of each text of each tuple
     */
    static TupleBatch of(List<TextTuple> tuples, int[][][] ids, int... some) {
        List<int[]> rows = Arrays.stream(some).boxed().flatMap(i -> Arrays.stream(ids[i])).toList();
        float[] scores = new float[some.length];
        for (int i = 0; i < some.length; i++) {
            scores[i] = (float) tuples.get(some[i]).score();
        }
        return new TupleBatch(
                TokenBatch.ofTexts(rows, new int[rows.size()]),
                some.length,
                Float.isNaN(scores[0]) ? null : new Target.Numbers(scores, new Shape(some.length)));
    }

    @Override
    public Map<String, Target> targets() {
        return scores == null ? Map.of() : Map.of(Layer.OUTPUT, scores);
    }

    @Override
    public NDList inputs(NDManager manager, DataType type) {
        return tokens.inputs(manager, type);
    }
}
