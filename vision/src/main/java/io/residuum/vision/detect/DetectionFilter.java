package io.residuum.vision.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses the detections of an image among all boxes of a network: those of the highest scores on
 * each level, then non-maximum suppression within each class.
 *
 * @param layout the network
 * @param settings the choice
 */
record DetectionFilter(DetectorLayout layout, DetectionSettings settings) {
    private static final Comparator<Detection> BY_SCORE =
            Comparator.comparingDouble(Detection::score).reversed();

    /** An entry of the logits. */
    private record Candidate(int index, float logit) {}

    /**
     * Returns the detections with the highest scores first, in pixels of the original image.
     *
     * @param logits the classes {@code (N, A, classes)} of a batch
     * @param boxes the boxes {@code (N, A, 4)}
     * @param sample the index of the image in the batch
     * @param fitted its size in the input
     */
    List<Detection> detect(
            float[] logits, float[] boxes, int sample, DetectorLayout.Fitted fitted) {
        Anchors anchors = layout.anchors();
        int classes = layout.classes();
        double least = Math.log(settings.score() / (1 - settings.score()));
        int first = sample * anchors.size() * classes;
        List<Detection> found = new ArrayList<>();
        for (int level = 0; level < anchors.levels(); level++) {
            List<Candidate> candidates = new ArrayList<>();
            int end = anchors.start(level + 1) * classes;
            for (int i = anchors.start(level) * classes; i < end; i++) {
                if (logits[first + i] > least) {
                    candidates.add(new Candidate(i, logits[first + i]));
                }
            }
            candidates.stream()
                    .sorted(Comparator.comparingDouble(Candidate::logit).reversed())
                    .limit(settings.candidates())
                    .forEach(
                            c -> {
                                int anchor = c.index / classes;
                                int code = 4 * (sample * anchors.size() + anchor);
                                BoundingBox box =
                                        anchors.decode(anchor, boxes, code)
                                                .clipped(fitted.width(), fitted.height())
                                                .scaled(1 / fitted.scaleX(), 1 / fitted.scaleY());
                                found.add(
                                        new Detection(
                                                c.index % classes,
                                                1 / (1 + Math.exp(-c.logit)),
                                                box));
                            });
        }
        return suppressed(found);
    }

    private List<Detection> suppressed(List<Detection> found) {
        found.sort(BY_SCORE);
        List<Detection> kept = new ArrayList<>();
        for (Detection detection : found) {
            if (kept.size() == settings.detections()) {
                break;
            }
            boolean repeats =
                    kept.stream()
                            .anyMatch(
                                    k ->
                                            k.label() == detection.label()
                                                    && k.box().iou(detection.box())
                                                            > settings.iou());
            if (!repeats) {
                kept.add(detection);
            }
        }
        return kept;
    }
}
