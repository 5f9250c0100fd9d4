/**
 * Runs the tokenizers library of Hugging Face, which is native code: in this process for files that
 * a strict reader knows completely, otherwise in a child process.
 */
@NullMarked
package io.residuum.transformer.text.library;

import org.jspecify.annotations.NullMarked;
