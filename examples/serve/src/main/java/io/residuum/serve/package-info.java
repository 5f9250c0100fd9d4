/** Serves a model over HTTP: predictions, embeddings, completions and chat. */
@NullMarked
package io.residuum.serve;

import org.jspecify.annotations.NullMarked;
