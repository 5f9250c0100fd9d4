@NullMarked
package io.residuum.json;

import org.jspecify.annotations.NullMarked;
