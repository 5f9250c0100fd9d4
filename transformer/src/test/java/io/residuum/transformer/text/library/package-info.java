/** Tests of the border to the native tokenizers library. */
package io.residuum.transformer.text.library;
