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
     * @param objects the objects, in pixels of the network's input
     * @param classes the number of classes, which is the label of the background
     */
    AnchorMatcher(Anchors anchors, List<LabelledBox> objects, int classes) {
        labels = new int[anchors.size()];
        boxes = new float[4 * anchors.size()];
        Arrays.fill(labels, classes);
        Arrays.fill(boxes, Float.NaN);
        List<LabelledBox> wanted = objects.stream().filter(o -> !o.ignored()).toList();
        int[] nearest = new int[labels.length];
        double[] highest = new double[labels.length];
        boolean[] needed = new boolean[labels.length];
        // One row at a time: crowded images have hundreds of objects, and 100,000 anchors.
        double[] overlaps = new double[labels.length];
        for (int o = 0; o < wanted.size(); o++) {
            double best = overlaps(anchors, wanted.get(o), overlaps);
            for (int a = 0; a < labels.length; a++) {
                if (overlaps[a] > highest[a]) {
                    highest[a] = overlaps[a];
                    nearest[a] = o;
                }
                needed[a] |= overlaps[a] > 0 && overlaps[a] >= best - TIE;
            }
        }
        boolean[] crowded = new boolean[labels.length];
        for (LabelledBox crowd : objects) {
            if (crowd.ignored()) {
                overlaps(anchors, crowd, overlaps);
                for (int a = 0; a < labels.length; a++) {
                    crowded[a] |= overlaps[a] >= BACKGROUND;
                }
            }
        }
        for (int a = 0; a < labels.length; a++) {
            if (needed[a] || highest[a] >= OBJECT) {
                LabelledBox object = wanted.get(nearest[a]);
                labels[a] = object.label();
                anchors.encode(a, object.box(), boxes, 4 * a);
            } else if (highest[a] >= BACKGROUND || crowded[a]) {
                labels[a] = Target.IGNORED;
            }
        }
    }

    /** Writes the intersection over union with each anchor. Returns the largest. */
    private static double overlaps(Anchors anchors, LabelledBox object, double[] into) {
        double best = 0;
        for (int a = 0; a < into.length; a++) {
            into[a] = anchors.get(a).iou(object.box());
            best = Math.max(best, into[a]);
        }
        return best;
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
