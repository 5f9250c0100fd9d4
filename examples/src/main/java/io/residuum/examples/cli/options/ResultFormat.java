package io.residuum.examples.cli.options;

import java.util.Locale;

/** The forms in which results are printed. */
public enum ResultFormat {
    /** Lines for people. */
    TEXT,
    /** Comma-separated values, with a header. */
    CSV,
    /** One JSON array. */
    JSON,
    /** JSON lines: one object a line. */
    JSONL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
