package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.inspect.Unit;
import io.residuum.residual.Merge;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the branch of each unit adds with what its shortcut carries: their norms and the
 * cosine between them, by sample, and in sequences by position. Units that do not add have none.
 */
final class Contributions {
    private final List<Unit> units;
    private final Sums[] sums;
    private @Nullable NDArray branch;

    /** Sums over samples or positions. */
    private static final class Sums {
        private double branch;
        private double stream;
        private double ratio;
        private double cosine;
        private long count;
        private long compared;
    }

    Contributions(List<Unit> units) {
        this.units = units;
        this.sums = new Sums[units.size()];
        Arrays.setAll(sums, i -> new Sums());
    }

    /** Receives the outputs of a branch, before those of the shortcut beside it. */
    void branch(NDList outputs) {
        branch = outputs.head();
    }

    /** Receives the outputs of the shortcut of the same unit. */
    void shortcut(int unit, NDList outputs) {
        Merge merge = units.get(unit).block().orElseThrow().merge();
        if (merge instanceof Merge.Add add && branch != null) {
            compare(sums[unit], branch, outputs.head(), add);
        }
        branch = null;
    }

    private static void compare(Sums sums, NDArray branch, NDArray stream, Merge.Add add) {
        NDArray f = rows(branch);
        NDArray x = rows(stream);
        float[] ff = f.mul(f).sum(new int[] {1}).toFloatArray();
        float[] xx = x.mul(x).sum(new int[] {1}).toFloatArray();
        float[] fx = f.mul(x).sum(new int[] {1}).toFloatArray();
        for (int i = 0; i < ff.length; i++) {
            double branchNorm = Math.abs(add.branch()) * Math.sqrt(ff[i]);
            double streamNorm = Math.abs(add.shortcut()) * Math.sqrt(xx[i]);
            sums.branch += branchNorm;
            sums.stream += streamNorm;
            sums.count++;
            if (branchNorm > 0 && streamNorm > 0) {
                sums.ratio += branchNorm / streamNorm;
                sums.cosine += add.branch() * add.shortcut() * fx[i] / (branchNorm * streamNorm);
                sums.compared++;
            }
        }
    }

    /** Returns one row per sample, or per position of a sequence. */
    private static NDArray rows(NDArray x) {
        Shape shape = x.getShape();
        long rows = shape.dimension() == 3 ? shape.get(0) * shape.get(1) : shape.get(0);
        return x.toType(DataType.FLOAT32, false).reshape(rows, -1);
    }

    /** Returns the mean norms of branch and stream, their mean ratio and their mean cosine. */
    List<@Nullable Object> row(int index) {
        Sums s = sums[index];
        if (s.count == 0) {
            return Arrays.asList(null, null, null, null);
        }
        boolean some = s.compared > 0;
        return Arrays.asList(
                s.branch / s.count,
                s.stream / s.count,
                some ? (Object) (s.ratio / s.compared) : null,
                some ? (Object) (s.cosine / s.compared) : null);
    }
}
