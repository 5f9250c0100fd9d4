package io.residuum.examples.fuzz;

/** The outcomes of a case. */
enum Outcome {
    ACCEPTED,
    REFUSED,
    /** Refused by a message that is empty, longer than a screen, or has control characters. */
    UNCLEAR,
    /** Any other exception or error. */
    RAW,
    /** Used more processor time or memory than allowed. */
    COSTLY,
    /** Did not end. */
    HANGING;

    boolean isFault() {
        return compareTo(UNCLEAR) >= 0;
    }
}
