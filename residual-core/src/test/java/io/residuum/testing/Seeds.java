package io.residuum.testing;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** The seed of whatever tests draw; a failing test says which it was. */
public final class Seeds implements TestExecutionExceptionHandler {
    private static final String PROPERTY = "residuum.test.seed";

    /** The seed: a fixed number, unless the property {@code residuum.test.seed} is set. */
    public static final long SEED = Long.getLong(PROPERTY, 20151210);

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        failure.addSuppressed(new AssertionError("drawn with -D" + PROPERTY + "=" + SEED));
        throw failure;
    }
}
