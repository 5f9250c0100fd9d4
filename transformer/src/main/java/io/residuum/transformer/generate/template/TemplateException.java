package io.residuum.transformer.generate.template;

import io.residuum.ResiduumException;

/** A chat template that cannot be read or rendered. */
public final class TemplateException extends ResiduumException {
    TemplateException(int line, String message) {
        super("line %d of the chat template: %s".formatted(line, message));
    }
}
