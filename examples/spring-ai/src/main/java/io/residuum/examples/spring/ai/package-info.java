/** Models of Spring AI on networks of Residuum. */
@NullMarked
package io.residuum.examples.spring.ai;

import org.jspecify.annotations.NullMarked;
