package io.residuum.train.report;

import java.util.List;
import java.util.Optional;

/** A figure of the report: the predictions of one output. */
public sealed interface OutputFigure {

    /** {@return the name of the output; empty if the network has one} */
    String output();

    /**
     * The confusion matrix of an output with classes.
     *
     * @param output the name of the output
     * @param classNames the names of the classes
     * @param confusion the number of samples by {@code [truth][predicted]}
     */
    record Classes(String output, List<String> classNames, long[][] confusion)
            implements OutputFigure {}

    /**
     * True and predicted numbers of some samples.
     *
     * @param output the name of the output
     * @param number the name of the number; empty if the output has one
     * @param truth the true numbers
     * @param predicted the predicted ones
     */
    record Regression(String output, String number, double[] truth, double[] predicted)
            implements OutputFigure {}

    /**
     * The curves of one class or label against the rest.
     *
     * @param output the name of the output
     * @param label the name of the class or label; empty if the output has one
     * @param roc the true positive rate by the false positive rate
     * @param rocAuc the area under it
     * @param precisionRecall the precision by the recall
     * @param averagePrecision the average precision
     * @param positives the share of positive samples, which is the precision of a guess
     */
    record Ranking(
            String output,
            String label,
            Curve roc,
            double rocAuc,
            Curve precisionRecall,
            double averagePrecision,
            double positives)
            implements OutputFigure {}

    /**
     * A curve.
     *
     * @param x ascending
     * @param y as many values
     */
    record Curve(double[] x, double[] y) {}

    /**
     * The images of some samples.
     *
     * @param output the name of the output
     * @param samples the images
     */
    record Images(String output, List<Sample> samples) implements OutputFigure {}

    /**
     * The images of one sample.
     *
     * @param input the input, if it is an image
     * @param target the target
     * @param prediction the prediction
     */
    record Sample(Optional<Picture> input, Picture target, Picture prediction) {}
}
