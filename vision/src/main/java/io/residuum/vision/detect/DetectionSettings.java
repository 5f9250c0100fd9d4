package io.residuum.vision.detect;

import io.residuum.spec.Check;

/**
 * The choice of detections among all boxes of a network.
 *
 * @param score the score that a detection must exceed, in [0, 1)
 * @param iou the largest intersection over union of two detections of one class, in (0, 1];
 *     non-maximum suppression removes the one with the lower score
 * @param candidates the number of boxes of a level that take part, those of the highest scores
 * @param detections the largest number of detections of an image
 */
public record DetectionSettings(double score, double iou, int candidates, int detections) {
    /** The settings of torchvision's RetinaNet, which suit measuring. */
    public static final DetectionSettings DEFAULT = new DetectionSettings(0.05, 0.5, 1000, 300);

    public DetectionSettings {
        Check.rate("score", score);
        Check.that(iou > 0 && iou <= 1, "iou must be in (0, 1], got %s", iou);
        Check.positive("candidates", candidates);
        Check.positive("detections", detections);
    }

    /** {@return a copy with another largest number of detections} */
    public DetectionSettings withDetections(int other) {
        return new DetectionSettings(score, iou, candidates, other);
    }

    /** {@return a copy with another least score} */
    public DetectionSettings withScore(double other) {
        return new DetectionSettings(other, iou, candidates, detections);
    }
}
