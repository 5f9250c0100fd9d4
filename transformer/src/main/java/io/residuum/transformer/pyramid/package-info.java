/** Networks in stages that mix positions by attention or convolutions: PVT V2, CAFormer. */
@NullMarked
package io.residuum.transformer.pyramid;

import org.jspecify.annotations.NullMarked;
