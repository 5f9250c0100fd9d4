package io.residuum.weights.dialect;

import com.google.common.base.Suppliers;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A name with placeholders: {@code {b}} matches a number, {@code {b+1}} and {@code {b-1}} the next
 * and previous one, {@code *} any text that is not empty. RE2 matches in time linear in the name,
 * whatever the pattern is.
 */
final class NamePattern {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)([+-]\\d{1,9})?}|\\*");
    private static final String STAR = "*";
    private static final int DIGITS = 9;
    private static final int MAX_LENGTH = 1000;

    /** A placeholder: its letters or the star, the offset of its number, and the text after it. */
    private record Placeholder(String name, int offset, String rest) {}

    private final String text;
    private final List<Placeholder> placeholders = new ArrayList<>();

    /** What names begin and end with: decides most names sooner than the expression. */
    private final String first;

    private final String last;

    /** Compiled when a name needs it, because an import reads many tables and most do not fit. */
    private final Supplier<Pattern> regex;

    NamePattern(String text) {
        this.text = text;
        Check.that(
                text.length() <= MAX_LENGTH,
                "a name must have at most %s characters, got %s",
                MAX_LENGTH,
                text.length());
        StringBuilder expression = new StringBuilder();
        Matcher matcher = PLACEHOLDER.matcher(text);
        boolean found = matcher.find();
        String literal = found ? text.substring(0, matcher.start()) : text;
        first = literal;
        expression.append(literal(first));
        while (found) {
            String name = matcher.group(1) == null ? STAR : matcher.group(1);
            String offset = matcher.group(2);
            int end = matcher.end();
            found = matcher.find();
            literal = text.substring(end, found ? matcher.start() : text.length());
            placeholders.add(
                    new Placeholder(name, offset == null ? 0 : Integer.parseInt(offset), literal));
            expression
                    .append(name.equals(STAR) ? "(.+)" : "(0|[1-9]\\d{0," + (DIGITS - 1) + "})")
                    .append(literal(literal));
        }
        last = literal;
        String whole = expression.toString();
        regex = Suppliers.memoize(() -> Pattern.compile(whole));
        Check.that(!text.isBlank(), "a name must not be blank");
        Check.that(
                placeholders.stream().filter(g -> g.name.equals(STAR)).count() <= 1,
                "a name must have at most one *, got \"%s\"",
                text);
    }

    private static String literal(String text) {
        Check.that(
                text.indexOf('{') < 0 && text.indexOf('}') < 0,
                "braces must hold a small letter and perhaps an offset, like {b} or {b+1}, got"
                        + " \"%s\"",
                text);
        return Pattern.quote(text);
    }

    Set<String> placeholders() {
        Set<String> names = new LinkedHashSet<>();
        placeholders.forEach(placeholder -> names.add(placeholder.name));
        return names;
    }

    boolean matches(String name) {
        return match(name).isPresent();
    }

    /** {@return the values of the placeholders in a name; empty if it does not match} */
    Optional<Map<String, String>> match(String name) {
        if (!name.startsWith(first) || !name.endsWith(last)) {
            return Optional.empty();
        }
        Matcher matcher = regex.get().matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> found = new LinkedHashMap<>();
        int group = 1;
        for (Placeholder placeholder : placeholders) {
            String value = matcher.group(group++);
            if (!placeholder.name.equals(STAR)) {
                value = Integer.toString(Integer.parseInt(value) - placeholder.offset);
            }
            String before = found.putIfAbsent(placeholder.name, value);
            if (value.startsWith("-") || (before != null && !before.equals(value))) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    String fill(Map<String, String> values) {
        StringBuilder name = new StringBuilder(first);
        for (Placeholder placeholder : placeholders) {
            String value = values.get(placeholder.name);
            if (value == null) {
                throw new SpecException(
                        "the placeholder {%s} of \"%s\" must be in the name that the rule matches"
                                .formatted(placeholder.name, text));
            }
            if (placeholder.offset != 0) {
                value = Integer.toString(Integer.parseInt(value) + placeholder.offset);
            }
            name.append(value).append(placeholder.rest);
        }
        return name.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
