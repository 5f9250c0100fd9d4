/** Serves an image classifier with Spring Boot. */
@NullMarked
package io.residuum.examples.spring.boot;

import org.jspecify.annotations.NullMarked;
