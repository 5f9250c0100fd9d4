/** Specs as JSON: strict reading, canonical writing and a generated schema. */
@NullMarked
package io.residuum.spec.json;

import org.jspecify.annotations.NullMarked;
