package io.residuum.vision.data;

import io.residuum.data.Seeds;
import io.residuum.vision.image.Image;
import java.util.SplittableRandom;

/** Softmax regression on pixels, by stochastic gradient descent with a falling step. */
final class LinearClassifier {
    private final float[][] weights;

    private LinearClassifier(float[][] weights) {
        this.weights = weights;
    }

    static LinearClassifier train(ImageSet set, int epochs) {
        int classes = set.classNames().size();
        LinearClassifier model = new LinearClassifier(new float[classes][set.shape().length() + 1]);
        Image image = new Image();
        for (int epoch = 0; epoch < epochs; epoch++) {
            float step = 0.01f / (1 + epoch);
            for (int index : Seeds.permutation(set.size(), new SplittableRandom(epoch))) {
                set.read(index, image);
                double[] p = model.probabilities(image);
                for (int c = 0; c < classes; c++) {
                    float error = (float) (p[c] - (c == set.label(index) ? 1 : 0)) * step;
                    float[] w = model.weights[c];
                    for (int i = 0; i < w.length - 1; i++) {
                        w[i] -= error * (image.values()[i] - 0.5f);
                    }
                    w[w.length - 1] -= error;
                }
            }
        }
        return model;
    }

    double accuracy(ImageSet set) {
        Image image = new Image();
        int right = 0;
        for (int i = 0; i < set.size(); i++) {
            set.read(i, image);
            double[] p = probabilities(image);
            int best = 0;
            for (int c = 1; c < p.length; c++) {
                best = p[c] > p[best] ? c : best;
            }
            right += best == set.label(i) ? 1 : 0;
        }
        return (double) right / set.size();
    }

    private double[] probabilities(Image image) {
        double[] p = new double[weights.length];
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            float[] w = weights[c];
            double score = w[w.length - 1];
            for (int i = 0; i < w.length - 1; i++) {
                score += w[i] * (image.values()[i] - 0.5f);
            }
            p[c] = Math.exp(score);
            sum += p[c];
        }
        for (int c = 0; c < p.length; c++) {
            p[c] /= sum;
        }
        return p;
    }
}
