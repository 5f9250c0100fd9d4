package io.residuum.vision.explain;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;

/** The product of the attention of all layers of one sequence, each with its shortcut. */
final class Rollout {
    private static final int MOST_TOKENS_BESIDE_PATCHES = 2;

    private double[][] product = new double[0][];
    private int layers;

    int layers() {
        return layers;
    }

    /**
     * Adds the next layer.
     *
     * @param shape {@code (G, H / G T, T)}
     * @param weights the weights, row by row; those of a head are T consecutive rows
     */
    void add(Shape shape, float[] weights) {
        int tokens = Math.toIntExact(shape.get(2));
        int heads = Math.toIntExact(shape.get(0) * shape.get(1) / tokens);
        Check.that(
                shape.get(1) % tokens == 0 && (layers == 0 || product.length == tokens),
                "attention maps need self-attention of all tokens in each layer, got weights %s",
                shape);
        double[][] mean = new double[tokens][tokens];
        for (int i = 0; i < weights.length; i++) {
            mean[i / tokens % tokens][i % tokens] += weights[i] / heads / 2.0;
        }
        for (int t = 0; t < tokens; t++) {
            mean[t][t] += 0.5; // the shortcut
        }
        product = layers == 0 ? mean : times(mean, product);
        layers++;
    }

    private static double[][] times(double[][] a, double[][] b) {
        int n = a.length;
        double[][] c = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                double factor = a[i][k];
                for (int j = 0; j < n; j++) {
                    c[i][j] += factor * b[k][j];
                }
            }
        }
        return c;
    }

    /**
     * {@return the share of each patch in the first token, or in the mean of all tokens if each is
     * a patch}
     *
     * @param height the height of the image
     * @param width the width of the image
     */
    HeatMap map(int height, int width) {
        int tokens = product.length;
        for (int beside = 0; beside <= MOST_TOKENS_BESIDE_PATCHES; beside++) {
            int patches = tokens - beside;
            int rows = (int) Math.round(Math.sqrt((double) patches * height / width));
            if (rows > 0 && patches % rows == 0 && rows * width == patches / rows * height) {
                double[] scores = new double[patches];
                for (int t = 0; t < (beside == 0 ? tokens : 1); t++) {
                    for (int p = 0; p < patches; p++) {
                        scores[p] += product[t][beside + p];
                    }
                }
                return HeatMap.ofScores(rows, patches / rows, scores);
            }
        }
        throw new SpecException(
                "attention maps need a token for each patch of an image of %d x %d, got %d tokens"
                        .formatted(height, width, tokens));
    }
}
