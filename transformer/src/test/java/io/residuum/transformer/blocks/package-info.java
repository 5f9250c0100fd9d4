@NullMarked
package io.residuum.transformer.blocks;

import org.jspecify.annotations.NullMarked;
