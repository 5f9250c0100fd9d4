package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a public static factory as the short form of its type in JSON. It has one parameter: a
 * number, a string, a boolean or a {@code List}. With {@code @Shorthand static Size2d of(int
 * size)}, {@code "kernel": 3} is a size. A type may have several factories with different JSON
 * kinds.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Shorthand {}
