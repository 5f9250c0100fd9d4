package io.residuum.train.report;

import static io.residuum.train.report.Samples.EPOCHS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Target;
import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.OutputKind;
import io.residuum.metric.OutputMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests the pictures of outputs that do not only classify. */
class FiguresTest {
    private static List<OutputFigure> figures(
            String name, OutputKind kind, List<String> columns, MetricBatch batch) {
        MeasuredOutput output = new MeasuredOutput(kind, batch.shape(), columns);
        OutputFigures figures = new OutputFigures(name, output);
        OutputMetrics metrics = OutputMetrics.of(output, List.of(), true);
        metrics.add(batch);
        figures.add(batch, sample -> Optional.of(new Picture(new byte[3], 1, 1)));
        return figures.figures();
    }

    private static MetricBatch numbers(int samples, SplittableRandom random) {
        float[] targets = new float[samples];
        float[] outputs = new float[samples];
        for (int i = 0; i < samples; i++) {
            targets[i] = (float) (20 + 30 * random.nextDouble());
            outputs[i] = targets[i] + (float) (8 * (random.nextDouble() - 0.5));
        }
        Shape shape = new Shape(samples, 1);
        return new MetricBatch(outputs, shape, new Target.Numbers(targets, shape));
    }

    private static MetricBatch labels(SplittableRandom random) {
        float[] targets = new float[600];
        float[] outputs = new float[600];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = random.nextInt(3) == 0 ? 1 : 0;
            outputs[i] = (float) (targets[i] + 2 * random.nextDouble() - 1.2);
        }
        Shape shape = new Shape(300, 2);
        return new MetricBatch(outputs, shape, new Target.Numbers(targets, shape));
    }

    private static MetricBatch images(SplittableRandom random) {
        Shape shape = new Shape(3, 1, 24, 24);
        float[] targets = new float[(int) shape.size()];
        float[] outputs = new float[targets.length];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = i % 24 / 24f;
            outputs[i] = targets[i] + (float) (random.nextDouble() - 0.5) / 3;
        }
        return new MetricBatch(outputs, shape, new Target.Numbers(targets, shape));
    }

    private static MetricBatch masks() {
        Shape shape = new Shape(2, 3, 16, 16);
        int[] classes = new int[512];
        Arrays.setAll(classes, p -> p % 16 / 6);
        classes[0] = Target.IGNORED;
        float[] outputs = new float[(int) shape.size()];
        for (int p = 0; p < 512; p++) {
            outputs[(p / 256 * 3 + p % 256 / 16 / 6) * 256 + p % 256] = 1;
        }
        return new MetricBatch(outputs, shape, new Target.Classes(classes));
    }

    private static ReportData report(List<OutputFigure> figures) {
        List<EpochMetrics> epochs = new ArrayList<>();
        for (EpochMetrics e : EPOCHS) {
            Map<String, Double> train = new LinkedHashMap<>();
            train.put("age loss", 1.0 / e.epoch());
            epochs.add(
                    new EpochMetrics(
                            e.epoch(),
                            e.trainLoss(),
                            Double.NaN,
                            e.validationLoss(),
                            Double.NaN,
                            train,
                            Map.of("age loss", 1.2 / e.epoch()),
                            e.learningRate(),
                            e.samplesPerSecond(),
                            e.seconds()));
        }
        ReportData plain = Samples.run(epochs, List.of(), new long[0][]);
        return new ReportData(
                plain.title(),
                plain.spec(),
                plain.summary(),
                "",
                "",
                "rows",
                epochs,
                Samples.best(epochs),
                List.of(),
                new Predictions(figures).on("test"),
                List.of(),
                Map.of());
    }

    @Test
    void showsEveryKindOfOutput() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        List<OutputFigure> all = new ArrayList<>();
        all.addAll(figures("age", OutputKind.NUMBERS, List.of(), numbers(300, random)));
        all.addAll(figures("tags", OutputKind.LABELS, List.of("red", "round"), labels(random)));
        all.addAll(figures("clean", OutputKind.NUMBERS, List.of(), images(random)));
        all.addAll(figures("parts", OutputKind.CLASSES, List.of(), masks()));
        all.add(
                new OutputFigure.Classes(
                        "kind", List.of("cat", "dog"), new long[][] {{8, 2}, {1, 9}}));
        String html = Report.html(report(all));
        if (System.getProperty("residuum.show") != null) {
            Files.writeString(Path.of(System.getProperty("residuum.show")), html);
        }
        for (String part :
                List.of(
                        "Prediction of age",
                        "Residual of age",
                        "ROC of tags red",
                        "Precision of tags round",
                        "Images of clean",
                        "Images of parts",
                        "Confusion of kind",
                        "Age loss")) {
            assertTrue(html.contains(part), part);
        }
        assertEquals(300 * 2 + 2, html.split("class=\"dot points\"", -1).length - 1);
        assertEquals(5 * 3, html.split("<img ", -1).length - 1);
    }

    @Test
    void keepsABoundedSample() {
        OutputFigure.Regression found =
                (OutputFigure.Regression)
                        figures(
                                        "",
                                        OutputKind.NUMBERS,
                                        List.of(),
                                        numbers(5000, new SplittableRandom(2)))
                                .get(0);
        assertEquals(1000, found.truth().length);
        // Later samples are as likely as the first ones: the mean is that of all.
        assertEquals(35, Arrays.stream(found.truth()).average().orElseThrow(), 1.0);
    }

    @Test
    void drawsTheLabelOfEachPixel() {
        OutputFigure.Images masks =
                (OutputFigure.Images) figures("", OutputKind.CLASSES, List.of(), masks()).get(0);
        byte[] target = masks.samples().get(0).target().rgb();
        byte[] prediction = masks.samples().get(0).prediction().rgb();
        assertEquals(-1, target[0], "an unknown pixel is white");
        assertTrue(Arrays.equals(target, 3, 6, prediction, 3, 6), "both are the first class");
        int corner = 3 * (15 * 16 + 15);
        assertTrue(Arrays.equals(target, corner, corner + 3, prediction, corner, corner + 3));
        assertFalse(Arrays.equals(target, corner, corner + 3, target, 3, 6));
    }
}
