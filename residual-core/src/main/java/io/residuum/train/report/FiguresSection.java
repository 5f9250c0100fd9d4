package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Section;
import io.residuum.draw.SvgChart;
import io.residuum.draw.SvgChart.Style;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Writes the section on the predictions of outputs without classes: true against predicted numbers,
 * curves of labels, images.
 */
final class FiguresSection {
    private FiguresSection() {}

    static Optional<Section> section(ReportData data) {
        List<OutputFigure> figures =
                data.predictions().figures().stream()
                        .filter(figure -> !(figure instanceof OutputFigure.Classes))
                        .toList();
        if (figures.isEmpty()) {
            return Optional.empty();
        }
        Markup body = new Markup();
        String part = data.predictions().data();
        body.leaf(
                "p",
                "Predictions on samples that the network was not trained on"
                        + (part.isEmpty() ? "." : ", the " + part + " data."),
                "class",
                "lead");
        body.open("div", "class", "charts");
        for (OutputFigure figure : figures) {
            if (figure instanceof OutputFigure.Regression regression) {
                regression(body, regression);
            } else if (figure instanceof OutputFigure.Ranking ranking) {
                ranking(body, ranking);
            }
        }
        body.close();
        for (OutputFigure figure : figures) {
            if (figure instanceof OutputFigure.Images images) {
                images(body, images);
            }
        }
        return Optional.of(new Section("predictions", "Predictions", body));
    }

    /** Joins a title, the name of an output and that of a number. */
    private static String title(String what, String output, String number) {
        String of = (output + " " + number).strip();
        return of.isEmpty() ? what : what + " of " + of;
    }

    private static void regression(Markup body, OutputFigure.Regression r) {
        double low = DoubleStream.of(r.truth()).min().orElseThrow();
        double high = DoubleStream.of(r.truth()).max().orElseThrow();
        double[] ends = {low, high};
        chart(
                body,
                new SvgChart(title("Prediction", r.output(), r.number()), "true value")
                        .numeric()
                        .series("samples", Style.POINTS, r.truth(), r.predicted())
                        .series("perfect", Style.ALONE, ends, ends));
        double[] residuals =
                IntStream.range(0, r.truth().length)
                        .mapToDouble(i -> r.truth()[i] - r.predicted()[i])
                        .toArray();
        double[] range = {
            DoubleStream.of(r.predicted()).min().orElseThrow(),
            DoubleStream.of(r.predicted()).max().orElseThrow()
        };
        chart(
                body,
                new SvgChart(title("Residual", r.output(), r.number()), "predicted value")
                        .numeric()
                        .series("true − predicted", Style.POINTS, r.predicted(), residuals)
                        .series("perfect", Style.ALONE, range, new double[2]));
    }

    private static void ranking(Markup body, OutputFigure.Ranking r) {
        double[] whole = {0, 1};
        chart(
                body,
                new SvgChart(title("ROC", r.output(), r.label()), "false positive rate")
                        .numeric()
                        .series("guess", Style.FAINT, whole, whole)
                        .series(
                                "true positive rate, area " + Numbers.significant(r.rocAuc()),
                                Style.MAIN,
                                r.roc().x(),
                                r.roc().y()));
        double[] share = {r.positives(), r.positives()};
        chart(
                body,
                new SvgChart(title("Precision", r.output(), r.label()), "recall")
                        .numeric()
                        .fromZero()
                        .series("guess", Style.FAINT, whole, share)
                        .series(
                                "precision, average " + Numbers.significant(r.averagePrecision()),
                                Style.MAIN,
                                r.precisionRecall().x(),
                                r.precisionRecall().y()));
    }

    private static void chart(Markup body, SvgChart chart) {
        body.open("figure").append(chart.draw()).close();
    }

    private static void images(Markup body, OutputFigure.Images images) {
        body.leaf("h3", title("Images", images.output(), ""));
        body.open("div", "class", "gallery samples");
        for (OutputFigure.Sample sample : images.samples()) {
            body.open("div", "class", "sample-images");
            sample.input().ifPresent(input -> picture(body, input, "input"));
            picture(body, sample.target(), "target");
            picture(body, sample.prediction(), "prediction");
            body.close();
        }
        body.close();
    }

    private static void picture(Markup body, Picture picture, String what) {
        body.open("figure");
        PictureTag.add(body, picture, what);
        body.open("figcaption").leaf("span", what, "class", "sure").close().close();
    }
}
