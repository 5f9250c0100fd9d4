/** A network as its user holds it: spec, block, named parameters, costs and features. */
@NullMarked
package io.residuum.model;

import org.jspecify.annotations.NullMarked;
