package io.residuum.vision.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The mean average precision of detections as PASCAL VOC defines it since 2010 (Everingham et al.
 * 2010, Section 4.2, and the development kit): the mean over classes of the area under the curve of
 * precision by recall, at an intersection over union of 0.5. A detection belongs to the object that
 * it overlaps most. A second one of the same object is wrong, and one of an ignored object counts
 * for nothing.
 */
public final class VocAveragePrecision {
    private static final double OVERLAP = 0.5;

    private final Map<Integer, OfClass> classes = new TreeMap<>();

    /** A detection that counts. */
    private record Scored(double score, boolean right) {}

    private static final class OfClass {
        private final List<Scored> detections = new ArrayList<>();
        private int objects;
    }

    /**
     * Adds an image.
     *
     * @param detections what the network found
     * @param objects what there is
     */
    public void add(List<Detection> detections, List<LabelledBox> objects) {
        for (LabelledBox object : objects) {
            of(object.label()).objects += object.ignored() ? 0 : 1;
        }
        boolean[] found = new boolean[objects.size()];
        detections.stream()
                .sorted(Comparator.comparingDouble(Detection::score).reversed())
                .forEach(detection -> add(detection, objects, found));
    }

    private OfClass of(int label) {
        return classes.computeIfAbsent(label, l -> new OfClass());
    }

    private void add(Detection detection, List<LabelledBox> objects, boolean[] found) {
        double highest = 0;
        int nearest = -1;
        for (int o = 0; o < found.length; o++) {
            double overlap =
                    objects.get(o).label() == detection.label()
                            ? detection.box().iou(objects.get(o).box())
                            : 0;
            if (overlap > highest) {
                highest = overlap;
                nearest = o;
            }
        }
        boolean right = highest >= OVERLAP;
        if (right && objects.get(nearest).ignored()) {
            return;
        }
        of(detection.label())
                .detections
                .add(new Scored(detection.score(), right && !found[nearest]));
        if (right) {
            found[nearest] = true;
        }
    }

    /** {@return the average precision of each label that has an object} */
    public Map<Integer, Double> perClass() {
        Map<Integer, Double> perClass = new LinkedHashMap<>();
        classes.forEach(
                (label, of) -> {
                    if (of.objects > 0) {
                        perClass.put(label, area(of));
                    }
                });
        return perClass;
    }

    /** {@return the mean over classes, NaN without any object} */
    public double mean() {
        return perClass().values().stream().mapToDouble(v -> v).average().orElse(Double.NaN);
    }

    private static double area(OfClass of) {
        List<Scored> sorted = new ArrayList<>(of.detections);
        sorted.sort(Comparator.comparingDouble(Scored::score).reversed());
        double[] precisions = new double[sorted.size()];
        int right = 0;
        for (int i = 0; i < precisions.length; i++) {
            right += sorted.get(i).right ? 1 : 0;
            precisions[i] = (double) right / (i + 1);
        }
        double sum = 0;
        double highest = 0;
        // The precision at a recall is the highest at it or at a larger one.
        for (int i = precisions.length - 1; i >= 0; i--) {
            highest = Math.max(highest, precisions[i]);
            sum += sorted.get(i).right ? highest : 0;
        }
        return sum / of.objects;
    }
}
