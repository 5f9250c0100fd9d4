package io.residuum.picture;

import io.residuum.ResiduumException;

/** Reports a picture that cannot be written in the wanted format. */
public final class PictureException extends ResiduumException {
    PictureException(String message) {
        super(message);
    }
}
