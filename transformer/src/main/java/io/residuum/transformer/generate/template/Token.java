package io.residuum.transformer.generate.template;

/**
 * A word of an expression or statement.
 *
 * @param kind its kind
 * @param text the name, operator, number, or value of a string
 * @param line its line in the template, from 1
 */
record Token(Kind kind, String text, int line) {
    /** Kinds of words. */
    enum Kind {
        /** Text outside of braces. */
        TEXT,
        /** The beginning of a printed expression. */
        PRINT,
        /** The beginning of a statement. */
        BLOCK,
        /** The end of an expression or statement. */
        END,
        /** A name or keyword. */
        NAME,
        /** A string in quotes. */
        STRING,
        /** A number. */
        NUMBER,
        /** An operator or bracket. */
        OPERATOR
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }
}
