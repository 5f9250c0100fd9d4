/** Text as token ids: tokenizers and memory-mapped data sets. */
@NullMarked
package io.residuum.transformer.text;

import org.jspecify.annotations.NullMarked;
