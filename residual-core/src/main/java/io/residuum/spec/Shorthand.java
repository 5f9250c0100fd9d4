package io.residuum.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a public static factory with one parameter (a number, a string, a boolean or a {@code
 * List}) as the short form of its type in JSON: with {@code @Shorthand static Window of(int size)},
 * {@code "kernel": 3} is a window. A type may have several, of different JSON kinds.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Shorthand {}
