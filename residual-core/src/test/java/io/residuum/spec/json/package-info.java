@NullMarked
package io.residuum.spec.json;

import org.jspecify.annotations.NullMarked;
