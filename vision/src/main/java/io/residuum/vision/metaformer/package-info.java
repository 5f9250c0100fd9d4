/** Networks of patches that mix positions without attention: ConvMixer and PoolFormer. */
@NullMarked
package io.residuum.vision.metaformer;

import org.jspecify.annotations.NullMarked;
