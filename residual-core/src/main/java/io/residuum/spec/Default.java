package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The default of a record component, written as JSON. The reader, the writer (which omits
 * defaults), the schema and the builders use it.
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
     * {@return JSON text, for instance {@code 1}, {@code true}, {@code "relu"} with quotes, or
     * {@code []}}
     */
    String value();

    /**
     * {@return false to omit the default from the full form too, so that files without the
     * component keep their text}
     */
    boolean written() default true;
}
