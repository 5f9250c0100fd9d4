@NullMarked
package io.residuum.files;

import org.jspecify.annotations.NullMarked;
