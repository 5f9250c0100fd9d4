package io.residuum.vision.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The mean average precision of detections as COCO defines it (Lin et al. 2014, arXiv:1405.0312):
 * the mean over classes and over intersections over union of 0.50 to 0.95, of the precision at 101
 * recalls. At most 100 detections of a class and image count.
 */
public final class MeanAveragePrecision {
    private static final int THRESHOLDS = 10;
    private static final int RECALLS = 101;
    private static final int DETECTIONS = 100;
    private static final double EPSILON = 1e-10;

    private final Map<Integer, OfClass> classes = new TreeMap<>();

    /**
     * The values, NaN without any object.
     *
     * @param map the mean over all thresholds
     * @param ap50 the mean over classes at an intersection over union of 0.5
     * @param ap75 the same at 0.75
     * @param perClass the mean over all thresholds for each label that has an object
     */
    public record Result(double map, double ap50, double ap75, Map<Integer, Double> perClass) {
        public Result {
            perClass = new LinkedHashMap<>(perClass);
        }
    }

    /** A detection, by threshold: 1 for a found object, 0 for none, -1 if it does not count. */
    private record Scored(double score, int[] found) {}

    private static final class OfClass {
        private final List<Scored> detections = new ArrayList<>();
        private int objects;
    }

    /** {@return the intersection over union of a threshold} */
    private static double threshold(int t) {
        return (50 + 5 * t) / 100.0;
    }

    /**
     * Adds an image.
     *
     * @param detections what the network found
     * @param objects what there is
     */
    public void add(List<Detection> detections, List<LabelledBox> objects) {
        Stream.concat(
                        detections.stream().map(Detection::label),
                        objects.stream().map(LabelledBox::label))
                .distinct()
                .forEach(
                        label ->
                                add(
                                        classes.computeIfAbsent(label, l -> new OfClass()),
                                        detections.stream()
                                                .filter(d -> d.label() == label)
                                                .sorted(
                                                        Comparator.comparingDouble(Detection::score)
                                                                .reversed())
                                                .limit(DETECTIONS)
                                                .toList(),
                                        objects.stream()
                                                .filter(o -> o.label() == label)
                                                .sorted(Comparator.comparing(LabelledBox::ignored))
                                                .toList()));
    }

    private static void add(OfClass of, List<Detection> detections, List<LabelledBox> objects) {
        of.objects += (int) objects.stream().filter(o -> !o.ignored()).count();
        int[][] found = new int[detections.size()][THRESHOLDS];
        for (int t = 0; t < THRESHOLDS; t++) {
            boolean[] taken = new boolean[objects.size()];
            for (int d = 0; d < found.length; d++) {
                int best = best(detections.get(d), objects, taken, threshold(t));
                if (best >= 0) {
                    taken[best] = true;
                    found[d][t] = objects.get(best).ignored() ? -1 : 1;
                }
            }
        }
        for (int d = 0; d < found.length; d++) {
            of.detections.add(new Scored(detections.get(d).score(), found[d]));
        }
    }

    /** Returns the free object that overlaps most, or -1. Ignored ones come last. */
    private static int best(
            Detection detection, List<LabelledBox> objects, boolean[] taken, double least) {
        double highest = Math.min(least, 1 - EPSILON);
        int best = -1;
        for (int o = 0; o < objects.size(); o++) {
            LabelledBox object = objects.get(o);
            if (taken[o] && object.kind() != LabelledBox.Kind.CROWD) {
                continue;
            }
            if (best >= 0 && object.ignored() && !objects.get(best).ignored()) {
                break;
            }
            double overlap = overlap(detection.box(), object);
            if (overlap >= highest) {
                highest = overlap;
                best = o;
            }
        }
        return best;
    }

    /** A crowd counts as found by each detection inside it. */
    private static double overlap(BoundingBox box, LabelledBox object) {
        return object.kind() == LabelledBox.Kind.CROWD
                ? box.area() == 0 ? 0 : box.intersection(object.box()) / box.area()
                : box.iou(object.box());
    }

    /** {@return the values over all images added so far} */
    public Result result() {
        Map<Integer, Double> perClass = new LinkedHashMap<>();
        double[] sums = new double[THRESHOLDS];
        classes.forEach(
                (label, of) -> {
                    if (of.objects > 0) {
                        of.detections.sort(Comparator.comparingDouble(Scored::score).reversed());
                        double sum = 0;
                        for (int t = 0; t < THRESHOLDS; t++) {
                            double ap = averagePrecision(of, t);
                            sums[t] += ap;
                            sum += ap;
                        }
                        perClass.put(label, sum / THRESHOLDS);
                    }
                });
        double count = perClass.size();
        double map = perClass.values().stream().mapToDouble(v -> v).sum() / count;
        return new Result(map, sums[0] / count, sums[5] / count, perClass);
    }

    private static double averagePrecision(OfClass of, int t) {
        List<double[]> points = new ArrayList<>();
        int right = 0;
        int wrong = 0;
        for (Scored detection : of.detections) {
            int found = detection.found[t];
            if (found < 0) {
                continue;
            }
            right += found;
            wrong += 1 - found;
            points.add(
                    new double[] {(double) right / of.objects, (double) right / (right + wrong)});
        }
        // The precision at a recall is the highest at it or at a larger one.
        for (int i = points.size() - 2; i >= 0; i--) {
            points.get(i)[1] = Math.max(points.get(i)[1], points.get(i + 1)[1]);
        }
        double sum = 0;
        int at = 0;
        // A product, rounded as in pycocotools: 35 * 0.01 is above 0.35.
        for (int r = 0; r < RECALLS; r++) {
            while (at < points.size() && points.get(at)[0] < r * 0.01) {
                at++;
            }
            sum += at < points.size() ? points.get(at)[1] : 0;
        }
        return sum / RECALLS;
    }
}
