package io.residuum.spec;

import com.google.re2j.Pattern;
import java.util.function.Predicate;

/**
 * A pattern of names, in which {@code *} matches any text, also none. A {@code *.} at its start
 * also matches nothing, so that {@code *.bias} is every bias, also the one of a network that is one
 * layer. RE2 matches in time linear in the name, whatever the pattern is.
 */
public final class Glob implements Predicate<String> {
    private static final int MAX_LENGTH = 1000;

    private final Pattern pattern;

    /**
     * Compiles a pattern.
     *
     * @param text the pattern, at most 1000 characters
     * @throws SpecException if it is longer
     */
    public Glob(String text) {
        Check.that(
                text.length() <= MAX_LENGTH,
                "a pattern must have at most %s characters, got %s",
                MAX_LENGTH,
                text.length());
        boolean anyParent = text.startsWith("*.");
        String rest = Pattern.quote(anyParent ? text.substring(2) : text).replace("\\*", ".*");
        pattern = Pattern.compile((anyParent ? "(?:.*\\.)?" : "") + rest, Pattern.DOTALL);
    }

    /** {@return true if the complete name matches} */
    @Override
    public boolean test(String name) {
        return pattern.matches(name);
    }
}
