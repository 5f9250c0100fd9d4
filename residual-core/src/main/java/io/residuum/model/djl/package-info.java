/**
 * Loads models of this library by DJL's {@code Criteria}, so that DJL Serving and other programs
 * for DJL use them without an export.
 */
@NullMarked
package io.residuum.model.djl;

import org.jspecify.annotations.NullMarked;
