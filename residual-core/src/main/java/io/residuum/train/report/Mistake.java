package io.residuum.train.report;

/** A misclassified sample. */
public sealed interface Mistake {

    /**
     * Returns the correct class.
     *
     * @return the name of the class
     */
    String truth();

    /**
     * Returns the predicted class.
     *
     * @return the name of the class
     */
    String predicted();

    /**
     * Returns the confidence of the prediction.
     *
     * @return the probability of {@link #predicted}, in [0, 1]
     */
    double probability();

    /**
     * A misclassified text.
     *
     * @param text the text as read
     * @param truth the name of the correct class
     * @param predicted the name of the predicted class
     * @param probability the probability of {@code predicted}, in [0, 1]
     */
    record Text(String text, String truth, String predicted, double probability)
            implements Mistake {}

    /**
     * A misclassified image.
     *
     * @param picture the image
     * @param truth the name of the correct class
     * @param predicted the name of the predicted class
     * @param probability the probability of {@code predicted}, in [0, 1]
     */
    record Image(Picture picture, String truth, String predicted, double probability)
            implements Mistake {}
}
