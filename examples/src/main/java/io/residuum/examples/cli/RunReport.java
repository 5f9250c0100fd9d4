package io.residuum.examples.cli;

import io.residuum.data.Image;
import io.residuum.data.ImageSet;
import io.residuum.data.ImageShape;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Evaluation;
import io.residuum.train.Metrics;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.report.EpochMetrics;
import io.residuum.train.report.Mistake;
import io.residuum.train.report.Report;
import io.residuum.train.report.ReportData;
import io.residuum.train.report.StepLoss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The report of a finished run, from what its folder holds and what its best network does. */
final class RunReport {
    private static final int MOST_MISTAKES = 32;

    private RunReport() {}

    /**
     * Writes the report.
     *
     * @param folder the run
     * @param title for instance {@code resnet20 on digits}
     * @param network the run's best
     * @param set what it was evaluated on
     * @param evaluation how it did there
     */
    static void write(
            RunFolder folder, String title, Network network, ImageSet set, Evaluation evaluation)
            throws IOException {
        SpecJson json = SpecJson.standard();
        Recipe recipe = json.read(folder.recipe(), Recipe.class);
        List<EpochMetrics> epochs = new ArrayList<>();
        List<StepLoss> steps = new ArrayList<>();
        for (Metrics line : folder.readMetrics()) {
            if (line instanceof Metrics.Epoch e) {
                epochs.add(epoch(e));
            } else if (line instanceof Metrics.Step s) {
                steps.add(new StepLoss(Math.toIntExact(s.step()), s.loss(), s.learningRate()));
            }
        }
        Report.write(
                folder.report(),
                new ReportData(
                        title,
                        network.spec(),
                        Summary.of(network.spec()),
                        json.writeAll(recipe),
                        environment(network),
                        epochs,
                        steps,
                        set.classNames(),
                        evaluation.confusion(),
                        mistakes(set, evaluation),
                        Map.of()));
    }

    private static EpochMetrics epoch(Metrics.Epoch e) {
        Double loss = e.validationLoss();
        return new EpochMetrics(
                e.epoch(),
                e.trainLoss(),
                e.trainAccuracy(),
                loss == null ? Double.NaN : loss,
                e.validationAccuracy(),
                e.learningRate(),
                e.imagesPerSecond(),
                e.seconds());
    }

    private static String environment(Network network) {
        return String.join(
                "\n",
                "Engine: " + network.backend(),
                "Java: " + System.getProperty("java.vm.name") + " " + Runtime.version(),
                "System: " + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                "Processors: " + Runtime.getRuntime().availableProcessors());
    }

    private static List<Mistake> mistakes(ImageSet set, Evaluation evaluation) {
        List<Mistake> mistakes = new ArrayList<>();
        ImageShape shape = set.shape();
        Image image = new Image();
        for (int i : Arrays.stream(evaluation.mistakes()).limit(MOST_MISTAKES).toArray()) {
            set.read(i, image);
            mistakes.add(
                    Mistake.ofPlanes(
                            Arrays.copyOf(image.values(), shape.length()),
                            shape.channels(),
                            shape.height(),
                            shape.width(),
                            set.classNames().get(evaluation.label(i)),
                            set.classNames().get(evaluation.prediction(i)),
                            evaluation.probability(i)));
        }
        return mistakes;
    }
}
