/** Renders the chat templates of models, a subset of Jinja. */
@NullMarked
package io.residuum.transformer.generate.template;

import org.jspecify.annotations.NullMarked;
