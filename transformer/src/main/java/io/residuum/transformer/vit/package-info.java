/** Vision transformers of timm as presets. */
@NullMarked
package io.residuum.transformer.vit;

import org.jspecify.annotations.NullMarked;
