/** Networks of patches that mix positions without attention: ConvMixer, PoolFormer and FocalNet. */
@NullMarked
package io.residuum.vision.metaformer;

import org.jspecify.annotations.NullMarked;
