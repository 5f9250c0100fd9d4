package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value of {@code "type"} in JSON, which selects a record among those of an interface. One
 * record of a sealed interface may have none: an object without {@code "type"} is of that record.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface TypeName {
    /** {@return the name, in lower camel case: {@code "conv2d"}, {@code "globalAveragePool"}} */
    String value();
}
