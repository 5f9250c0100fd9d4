package io.residuum.vision.detect;

import io.residuum.loss.Target;
import java.util.Arrays;
import java.util.List;

/**
 * Assigns objects to anchors (Lin et al. 2017, arXiv:1708.02002, Section 4): an anchor learns the
 * object with which its intersection over union is highest, if it is at least 0.5, and the
 * background below 0.4. The best anchors of each object learn it in any case, as in torchvision.
 */
final class AnchorMatcher {
    private static final double OBJECT = 0.5;
    private static final double BACKGROUND = 0.4;
    private static final double TIE = 1e-9;

    private final int[] labels;
    private final float[] boxes;

    /**
     * Matches the objects of an image.
     *
     * @param anchors the anchors
     * @param objects the objects, in pixels of the network's input
     * @param classes the number of classes, which is the label of the background
     */
    AnchorMatcher(Anchors anchors, List<LabelledBox> objects, int classes) {
        labels = new int[anchors.size()];
        boxes = new float[4 * anchors.size()];
        Arrays.fill(labels, classes);
        Arrays.fill(boxes, Float.NaN);
        List<LabelledBox> wanted = objects.stream().filter(o -> !o.ignored()).toList();
        double[][] overlaps = overlaps(anchors, wanted);
        double[] best = new double[wanted.size()];
        for (int o = 0; o < best.length; o++) {
            best[o] = Arrays.stream(overlaps[o]).max().orElse(0);
        }
        double[][] crowds = overlaps(anchors, objects.stream().filter(o -> o.ignored()).toList());
        for (int a = 0; a < labels.length; a++) {
            int nearest = -1;
            boolean needed = false;
            for (int o = 0; o < best.length; o++) {
                double overlap = overlaps[o][a];
                nearest = nearest < 0 || overlap > overlaps[nearest][a] ? o : nearest;
                needed |= overlap > 0 && overlap >= best[o] - TIE;
            }
            double highest = nearest < 0 ? 0 : overlaps[nearest][a];
            if (needed || highest >= OBJECT) {
                labels[a] = wanted.get(nearest).label();
                anchors.encode(a, wanted.get(nearest).box(), boxes, 4 * a);
            } else if (highest >= BACKGROUND || overlaps(crowds, a)) {
                labels[a] = Target.IGNORED;
            }
        }
    }

    private static boolean overlaps(double[][] crowds, int anchor) {
        return Arrays.stream(crowds).anyMatch(crowd -> crowd[anchor] >= BACKGROUND);
    }

    private static double[][] overlaps(Anchors anchors, List<LabelledBox> objects) {
        double[][] overlaps = new double[objects.size()][anchors.size()];
        for (int a = 0; a < anchors.size(); a++) {
            BoundingBox anchor = anchors.get(a);
            for (int o = 0; o < objects.size(); o++) {
                overlaps[o][a] = anchor.iou(objects.get(o).box());
            }
        }
        return overlaps;
    }

    /** Returns the class of each anchor, the number of classes for the background, or -1. */
    int[] labels() {
        return labels;
    }

    /** Returns the code of each anchor's object, NaN for anchors without one. */
    float[] boxes() {
        return boxes;
    }
}
