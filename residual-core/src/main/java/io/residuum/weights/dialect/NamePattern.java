package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name with gaps: {@code {b}} stands for a number, {@code {b+1}} and {@code {b-1}} for one beside
 * it, {@code *} for any text that is not empty.
 */
final class NamePattern {
    private static final Pattern GAP = Pattern.compile("\\{([a-z]+)([+-]\\d{1,9})?}|\\*");
    private static final String STAR = "*";
    private static final int DIGITS = 9;

    /** What a gap stands for: a letter or two, or the star; and what is added to its number. */
    private record Gap(String name, int offset) {}

    private final String text;
    private final List<Gap> gaps = new ArrayList<>();
    private final Pattern regex;

    NamePattern(String text) {
        this.text = text;
        StringBuilder expression = new StringBuilder();
        Matcher matcher = GAP.matcher(text);
        int end = 0;
        while (matcher.find()) {
            expression.append(literal(text.substring(end, matcher.start())));
            Gap gap =
                    matcher.group(1) == null
                            ? new Gap(STAR, 0)
                            : new Gap(
                                    matcher.group(1),
                                    matcher.group(2) == null
                                            ? 0
                                            : Integer.parseInt(matcher.group(2)));
            gaps.add(gap);
            expression.append(
                    gap.name.equals(STAR) ? "(.+)" : "(0|[1-9]\\d{0," + (DIGITS - 1) + "})");
            end = matcher.end();
        }
        regex = Pattern.compile(expression.append(literal(text.substring(end))).toString());
        Check.that(!text.isBlank(), "a name must not be blank");
        Check.that(
                gaps.stream().filter(g -> g.name.equals(STAR)).count() <= 1,
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

    /** The names of the gaps. */
    Set<String> gaps() {
        Set<String> names = new LinkedHashSet<>();
        gaps.forEach(gap -> names.add(gap.name));
        return names;
    }

    boolean matches(String name) {
        return match(name).isPresent();
    }

    /** What the gaps stand for in a name; empty if the name is another, or contradicts itself. */
    Optional<Map<String, String>> match(String name) {
        Matcher matcher = regex.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> found = new LinkedHashMap<>();
        int group = 1;
        for (Gap gap : gaps) {
            String value = matcher.group(group++);
            if (!gap.name.equals(STAR)) {
                value = Integer.toString(Integer.parseInt(value) - gap.offset);
            }
            String before = found.putIfAbsent(gap.name, value);
            if (value.startsWith("-") || (before != null && !before.equals(value))) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    /** The name with its gaps filled. */
    String fill(Map<String, String> values) {
        StringBuilder name = new StringBuilder();
        Matcher matcher = GAP.matcher(text);
        for (Gap gap : gaps) {
            matcher.find();
            String value = values.getOrDefault(gap.name, "");
            if (gap.offset != 0) {
                value = Integer.toString(Integer.parseInt(value) + gap.offset);
            }
            matcher.appendReplacement(name, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(name).toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
