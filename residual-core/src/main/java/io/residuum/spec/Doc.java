package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A sentence that the JSON Schema shows for a type or a component of your own. The schema shows the
 * Javadoc of Residuum's types.
 */
@Target({
    ElementType.TYPE,
    ElementType.RECORD_COMPONENT,
    ElementType.FIELD,
    ElementType.METHOD,
    ElementType.PARAMETER
})
@Retention(RetentionPolicy.RUNTIME)
public @interface Doc {
    /** {@return the sentence} */
    String value();
}
