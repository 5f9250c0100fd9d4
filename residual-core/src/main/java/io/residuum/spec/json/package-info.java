/**
 * Specs as JSON: strict reading, canonical writing, a generated schema. The only room that knows
 * Jackson.
 */
@NullMarked
package io.residuum.spec.json;

import org.jspecify.annotations.NullMarked;
