/** Adapters in the file format of PEFT, Hugging Face's library of low-rank branches. */
@NullMarked
package io.residuum.weights.peft;

import org.jspecify.annotations.NullMarked;
