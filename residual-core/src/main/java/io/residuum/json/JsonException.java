package io.residuum.json;

import org.jspecify.annotations.Nullable;

/**
 * Thrown for text that is not the JSON a reader expects. The message is {@code source:line: $.path:
 * problem}, without the path where the text is malformed.
 */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String problem;

    JsonException(String place, int line, int column, String problem, @Nullable Throwable cause) {
        super(place + problem, cause);
        this.line = line;
        this.column = column;
        this.problem = problem;
    }

    /**
     * Returns the line of the error.
     *
     * @return counted from 1; 0 for a value that was not read from text
     */
    public int line() {
        return line;
    }

    /**
     * Returns the column of the error.
     *
     * @return counted from 1 in characters; 0 for an error of a whole value
     */
    public int column() {
        return column;
    }

    /**
     * Returns the message without the source, the line and the path.
     *
     * @return what must hold, and what was found
     */
    public String problem() {
        return problem;
    }
}
