/** Tests of networks. */
@NullMarked
package io.residuum.model;

import org.jspecify.annotations.NullMarked;
