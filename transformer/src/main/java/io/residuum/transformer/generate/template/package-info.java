/**
 * Renders the chat templates of models, a subset of Jinja.
 *
 * <p>Templates call methods of Python's texts and rely on Jinja's white space, down to the token.
 * Jinjava 2.8.1 renders 6 of the 21 chats of this package's test as transformers does, and
 * evaluates expressions inside of messages.
 */
@NullMarked
package io.residuum.transformer.generate.template;

import org.jspecify.annotations.NullMarked;
