package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The value of {@code "type"} by which JSON names a record that is one of several kinds. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface TypeName {
    /** The name, in lower camel case: {@code "conv2d"}, {@code "globalAveragePool"}. */
    String value();
}
