package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value, written as JSON, that a record component takes where a spec does not mention it. The
 * reader, the writer (which leaves out what equals its default) and the schema all take it from
 * here.
 */
@Target({
    ElementType.RECORD_COMPONENT,
    ElementType.FIELD,
    ElementType.METHOD,
    ElementType.PARAMETER
})
@Retention(RetentionPolicy.RUNTIME)
public @interface Default {
    /**
     * JSON text, for instance {@code 1}, {@code true}, {@code "relu"} with its quotes, or {@code
     * []}.
     */
    String value();
}
