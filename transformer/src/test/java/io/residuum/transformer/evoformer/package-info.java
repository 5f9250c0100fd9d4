@NullMarked
package io.residuum.transformer.evoformer;

import org.jspecify.annotations.NullMarked;
