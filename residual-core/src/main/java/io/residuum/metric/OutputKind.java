package io.residuum.metric;

/** The meaning of the numbers of an output. */
public enum OutputKind {
    /** Logits of classes that exclude each other. */
    CLASSES("classes"),
    /** Logits of labels that are 0 or 1, each by itself. */
    LABELS("labels that are 0 or 1"),
    /** Numbers, such as the results of a regression or pixels. */
    NUMBERS("numbers");

    private final String noun;

    OutputKind(String noun) {
        this.noun = noun;
    }

    @Override
    public String toString() {
        return noun;
    }
}
