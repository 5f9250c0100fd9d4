package io.residuum.transformer.generate.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Computes operators, members and methods of values as Python does. */
final class Operations {
    private static final int MOST_ITEMS = 1_000_000;

    private Operations() {}

    static @Nullable Object binary(
            String operator, @Nullable Object a, @Nullable Object b, int line) {
        return switch (operator) {
            case "==" -> Values.equal(a, b);
            case "!=" -> !Values.equal(a, b);
            case "~" -> Values.text(a) + Values.text(b);
            case "in" -> contains(b, a, line);
            case "<" -> compare(a, b, line) < 0;
            case "<=" -> compare(a, b, line) <= 0;
            case ">" -> compare(a, b, line) > 0;
            case ">=" -> compare(a, b, line) >= 0;
            default -> arithmetic(operator, a, b, line);
        };
    }

    private static Object arithmetic(
            String operator, @Nullable Object a, @Nullable Object b, int line) {
        if (operator.equals("+") && a instanceof String x && b instanceof String y) {
            return x + y;
        }
        if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
            List<@Nullable Object> both = new ArrayList<>(x);
            both.addAll(y);
            return both;
        }
        if (operator.equals("*") && a instanceof String text && b instanceof Long times) {
            long most = Values.MOST / Math.max(1, text.length());
            require(times <= most, line, "text is too long");
            return text.repeat((int) Math.max(0, times));
        }
        if (!(a instanceof Number x && b instanceof Number y)) {
            throw new TemplateException(
                    line,
                    "\"%s\" needs two numbers, texts or lists, got %s and %s"
                            .formatted(operator, kind(a), kind(b)));
        }
        if (a instanceof Long i && b instanceof Long j) {
            require(j != 0 || !"/%".contains(operator.substring(0, 1)), line, "division by 0");
            switch (operator) {
                case "+" -> {
                    return i + j;
                }
                case "-" -> {
                    return i - j;
                }
                case "*" -> {
                    return i * j;
                }
                case "//" -> {
                    return Math.floorDiv(i, j);
                }
                case "%" -> {
                    return Math.floorMod(i, j);
                }
                default -> {}
            }
        }
        double p = x.doubleValue();
        double q = y.doubleValue();
        return switch (operator) {
            case "+" -> p + q;
            case "-" -> p - q;
            case "*" -> p * q;
            case "/" -> p / q;
            case "//" -> Math.floor(p / q);
            default -> p - Math.floor(p / q) * q;
        };
    }

    private static void require(boolean holds, int line, String message) {
        if (!holds) {
            throw new TemplateException(line, message);
        }
    }

    /** {@return a word for the kind of a value} */
    static String kind(@Nullable Object value) {
        if (value == null || value == Values.UNDEFINED) {
            return value == null ? "none" : "an undefined value";
        }
        if (value instanceof String) {
            return "a text";
        }
        if (value instanceof Number) {
            return "a number";
        }
        return value instanceof List ? "a list" : value instanceof Map ? "a mapping" : "a boolean";
    }

    private static int compare(@Nullable Object a, @Nullable Object b, int line) {
        if (a instanceof Number x && b instanceof Number y) {
            return Double.compare(x.doubleValue(), y.doubleValue());
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        throw new TemplateException(
                line,
                "must compare two numbers or two texts, got %s and %s".formatted(kind(a), kind(b)));
    }

    static boolean contains(@Nullable Object all, @Nullable Object item, int line) {
        if (all instanceof String text) {
            return text.contains(Values.text(item));
        }
        List<Object> items = Values.items(all);
        if (items == null) {
            throw new TemplateException(line, "\"in\" needs a list or text, got " + kind(all));
        }
        return items.stream().anyMatch(i -> Values.equal(i, item));
    }

    static @Nullable Object member(@Nullable Object of, @Nullable Object key, int line) {
        if (of instanceof Renderer.Namespace namespace) {
            return namespace.members().getOrDefault(Values.text(key), Values.UNDEFINED);
        }
        if (of instanceof Map<?, ?> map) {
            return map.containsKey(key) ? map.get(key) : Values.UNDEFINED;
        }
        if (key instanceof Long index && (of instanceof List || of instanceof String)) {
            List<Object> items = Objects.requireNonNull(Values.items(of));
            long at = index < 0 ? index + items.size() : index;
            return at < 0 || at >= items.size() ? Values.UNDEFINED : items.get((int) at);
        }
        if (of == null || of == Values.UNDEFINED) {
            throw new TemplateException(
                    line, "%s has no member \"%s\"".formatted(kind(of), Values.text(key)));
        }
        return Values.UNDEFINED;
    }

    static @Nullable Object slice(
            @Nullable Object of,
            @Nullable Object from,
            @Nullable Object to,
            @Nullable Object step) {
        List<Object> items = Values.items(of);
        if (items == null) {
            return Values.UNDEFINED;
        }
        int size = items.size();
        // A longer step takes no more items than one over the whole list.
        int by =
                step instanceof Long s && s != 0
                        ? (int) Math.max(-size - 1L, Math.min(size + 1L, s))
                        : 1;
        int begin = bound(from, by > 0 ? 0 : size - 1, size, by);
        int end = bound(to, by > 0 ? size : -1, size, by);
        List<Object> some = new ArrayList<>();
        for (int i = begin; by > 0 ? i < end : i > end; i += by) {
            some.add(items.get(i));
        }
        if (!(of instanceof String)) {
            return some;
        }
        StringBuilder text = new StringBuilder();
        some.forEach(text::append);
        return text.toString();
    }

    private static int bound(@Nullable Object given, int absent, int size, int step) {
        if (!(given instanceof Long index)) {
            return absent;
        }
        long at = index < 0 ? index + size : index;
        return (int)
                (step > 0 ? Math.max(0, Math.min(size, at)) : Math.max(-1, Math.min(size - 1, at)));
    }

    static List<Object> range(List<@Nullable Object> bounds, int line) {
        long[] n = bounds.stream().mapToLong(b -> b instanceof Long l ? l : 0).toArray();
        require(n.length > 0 && n.length < 4, line, "range needs one to three numbers");
        long from = n.length == 1 ? 0 : n[0];
        long to = n[n.length == 1 ? 0 : 1];
        long step = n.length == 3 ? n[2] : 1;
        require(step != 0, line, "the step of range must not be 0");
        double length = ((double) to - from) / step;
        require(length < MOST_ITEMS, line, "range is too long");
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            all.add(from + i * step);
        }
        return all;
    }

    /** {@return the time in the format of C's {@code strftime}} */
    static String now(String format, int line) {
        LocalDateTime now = LocalDateTime.now();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char field = format.charAt(++i);
            String pattern =
                    switch (field) {
                        case 'd' -> "dd";
                        case 'b' -> "MMM";
                        case 'B' -> "MMMM";
                        case 'm' -> "MM";
                        case 'Y' -> "yyyy";
                        case 'y' -> "yy";
                        case 'H' -> "HH";
                        case 'M' -> "mm";
                        case 'S' -> "ss";
                        case 'A' -> "EEEE";
                        case 'a' -> "EEE";
                        default ->
                                throw new TemplateException(
                                        line, "strftime_now has no field %" + field);
                    };
            out.append(now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)));
        }
        return out.toString();
    }

    static @Nullable Object method(
            @Nullable Object of, String name, List<@Nullable Object> arguments, int line) {
        if (of instanceof String text) {
            return ofText(text, name, arguments, line);
        }
        if (of instanceof Map<?, ?> map) {
            switch (name) {
                case "items" -> {
                    List<Object> pairs = new ArrayList<>();
                    map.forEach((k, v) -> pairs.add(java.util.Arrays.asList(k, v)));
                    return pairs;
                }
                case "keys" -> {
                    return new ArrayList<>(map.keySet());
                }
                case "values" -> {
                    return new ArrayList<>(map.values());
                }
                case "get" -> {
                    Object key = argument(arguments, 0, line);
                    Object absent = arguments.size() > 1 ? arguments.get(1) : null;
                    return map.containsKey(key) ? map.get(key) : absent;
                }
                default -> {}
            }
        }
        throw new TemplateException(line, "%s has no method \"%s\" here".formatted(kind(of), name));
    }

    private static Object ofText(
            String text, String name, List<@Nullable Object> arguments, int line) {
        String first = arguments.isEmpty() ? "" : Values.text(arguments.get(0));
        boolean given = !arguments.isEmpty() && arguments.get(0) != null;
        return switch (name) {
            case "strip" -> strip(text, given ? first : null, true, true);
            case "lstrip" -> strip(text, given ? first : null, true, false);
            case "rstrip" -> strip(text, given ? first : null, false, true);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> Filters.title(text);
            case "capitalize" -> Filters.capitalized(text);
            case "startswith" -> starts(text, argument(arguments, 0, line), true);
            case "endswith" -> starts(text, argument(arguments, 0, line), false);
            case "replace" ->
                    replaced(text, first, Values.text(argument(arguments, 1, line)), line);
            case "split" -> split(text, given ? first : null, arguments);
            case "join" -> Filters.join(argument(arguments, 0, line), text, line);
            case "find" -> (long) text.indexOf(first);
            case "count" -> count(text, first);
            default ->
                    throw new TemplateException(
                            line, "a text has no method \"%s\" here".formatted(name));
        };
    }

    /** {@return an argument} */
    static @Nullable Object argument(List<@Nullable Object> arguments, int index, int line) {
        require(index < arguments.size(), line, "needs an argument more");
        return arguments.get(index);
    }

    /** {@return a text with a part replaced wherever it occurs} */
    static String replaced(String text, String part, String by, int line) {
        long growth = (long) (by.length() - part.length()) * count(text, part);
        require(text.length() + growth <= Values.MOST, line, "text is too long");
        return text.replace(part, by);
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return text.length() + 1L;
        }
        long count = 0;
        for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    private static boolean starts(String text, @Nullable Object part, boolean begin) {
        if (part instanceof List<?> any) {
            return any.stream().anyMatch(p -> starts(text, p, begin));
        }
        String wanted = Values.text(part);
        return begin ? text.startsWith(wanted) : text.endsWith(wanted);
    }

    /** {@return the text without characters at its ends; null for white space} */
    static String strip(String text, @Nullable String characters, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && isOf(text.charAt(from), characters)) {
            from++;
        }
        while (right && to > from && isOf(text.charAt(to - 1), characters)) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isOf(char c, @Nullable String characters) {
        // Python also strips the spaces that do not break lines.
        return characters == null
                ? Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085'
                : characters.indexOf(c) >= 0;
    }

    private static List<Object> split(
            String text, @Nullable String separator, List<@Nullable Object> arguments) {
        int most = arguments.size() > 1 && arguments.get(1) instanceof Long n ? n.intValue() : -1;
        List<Object> parts = new ArrayList<>();
        if (separator == null) {
            for (String part : strip(text, null, true, true).split("\\s+")) {
                if (!part.isEmpty()) {
                    parts.add(part);
                }
            }
            return parts;
        }
        int from = 0;
        int at = text.indexOf(separator);
        while (at >= 0 && !separator.isEmpty() && parts.size() != most) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
            at = text.indexOf(separator, from);
        }
        parts.add(text.substring(from));
        return parts;
    }
}
