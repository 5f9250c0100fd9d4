package io.residuum.transformer.generate.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes Jinja's filters and tests. */
final class Filters {
    private Filters() {}

    static @Nullable Object filter(
            String name,
            @Nullable Object of,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named,
            int line) {
        Object first = arguments.isEmpty() ? null : arguments.get(0);
        return switch (name) {
            case "trim" ->
                    Operations.strip(
                            Values.text(of), first == null ? null : Values.text(first), true, true);
            case "length", "count" -> (long) items(of, name, line).size();
            case "string" -> Values.text(of);
            case "upper" -> Values.text(of).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(of).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalized(Values.text(of));
            case "title" -> title(Values.text(of));
            case "replace" ->
                    Operations.replaced(
                            Values.text(of),
                            Values.text(first),
                            Values.text(Operations.argument(arguments, 1, line)),
                            line);
            case "default", "d" -> {
                boolean any = arguments.size() > 1 && Values.isTrue(arguments.get(1));
                boolean absent =
                        any || Values.isTrue(named.get("boolean"))
                                ? !Values.isTrue(of)
                                : of == Values.UNDEFINED;
                yield absent ? (arguments.isEmpty() ? "" : first) : of;
            }
            case "first" -> end(items(of, name, line), true);
            case "last" -> end(items(of, name, line), false);
            case "list" -> items(of, name, line);
            case "reverse" -> {
                List<Object> items = new ArrayList<>(items(of, name, line));
                Collections.reverse(items);
                yield of instanceof String ? join(items, "", line) : items;
            }
            case "join" -> join(of, first == null ? "" : Values.text(first), line);
            case "items" -> Operations.method(of, "items", List.of(), line);
            case "tojson" -> {
                Object indent = named.getOrDefault("indent", first);
                yield Values.json(of, indent instanceof Long n ? n.intValue() : 0);
            }
            case "int" -> of instanceof Number n ? (Object) n.longValue() : parsed(of, line);
            case "safe" -> of;
            case "map" -> mapped(items(of, name, line), named, line);
            case "selectattr" -> selected(items(of, name, line), arguments, true, line);
            case "rejectattr" -> selected(items(of, name, line), arguments, false, line);
            default ->
                    throw new TemplateException(
                            line, "the filter \"%s\" is not supported".formatted(name));
        };
    }

    private static List<Object> items(@Nullable Object of, String name, int line) {
        List<Object> items = Values.items(of);
        if (items == null) {
            throw new TemplateException(
                    line,
                    "the filter \"%s\" needs a list or text, got %s"
                            .formatted(name, Operations.kind(of)));
        }
        return items;
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? Values.UNDEFINED : items.get(first ? 0 : items.size() - 1);
    }

    private static Object parsed(@Nullable Object of, int line) {
        try {
            return Long.parseLong(Values.text(of).strip());
        } catch (NumberFormatException e) {
            throw new TemplateException(line, "int needs a number, got " + Values.text(of));
        }
    }

    private static List<@Nullable Object> mapped(
            List<Object> items, Map<String, @Nullable Object> named, int line) {
        Object attribute = named.get("attribute");
        if (attribute == null) {
            throw new TemplateException(line, "the filter \"map\" needs attribute=");
        }
        List<@Nullable Object> all = new ArrayList<>();
        items.forEach(item -> all.add(Operations.member(item, attribute, line)));
        return all;
    }

    private static List<Object> selected(
            List<Object> items, List<@Nullable Object> arguments, boolean keep, int line) {
        List<Object> some = new ArrayList<>();
        for (Object item : items) {
            Object key = Operations.argument(arguments, 0, line);
            Object member = Operations.member(item, key, line);
            boolean holds =
                    arguments.size() == 1
                            ? Values.isTrue(member)
                            : test(
                                    Values.text(arguments.get(1)),
                                    member,
                                    arguments.subList(2, arguments.size()),
                                    line);
            if (holds == keep) {
                some.add(item);
            }
        }
        return some;
    }

    static String join(@Nullable Object of, String separator, int line) {
        List<String> texts = items(of, "join", line).stream().map(Values::text).toList();
        if ((long) texts.size() * separator.length() > Values.MOST) {
            throw new TemplateException(line, "text is too long");
        }
        return String.join(separator, texts);
    }

    static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inside = false;
        for (char c : text.toCharArray()) {
            out.append(inside ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inside = Character.isLetter(c);
        }
        return out.toString();
    }

    static boolean test(
            String name, @Nullable Object of, List<@Nullable Object> arguments, int line) {
        Object first = arguments.isEmpty() ? Values.UNDEFINED : arguments.get(0);
        return switch (name) {
            case "defined" -> of != Values.UNDEFINED;
            case "undefined" -> of == Values.UNDEFINED;
            case "none" -> of == null;
            case "string" -> of instanceof String;
            case "number" -> of instanceof Number;
            case "integer" -> of instanceof Long;
            case "float" -> of instanceof Double;
            case "boolean" -> of instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(of);
            case "false" -> Boolean.FALSE.equals(of);
            case "mapping" -> of instanceof Map;
            case "iterable", "sequence" ->
                    of instanceof Collection || of instanceof Map || of instanceof String;
            case "equalto", "eq", "==", "sameas" -> Values.equal(of, first);
            case "ne", "!=" -> !Values.equal(of, first);
            case "in" -> Operations.contains(first, of, line);
            case "even" -> of instanceof Long n && n % 2 == 0;
            case "odd" -> of instanceof Long n && n % 2 != 0;
            case "divisibleby" ->
                    of instanceof Long n && first instanceof Long by && by != 0 && n % by == 0;
            default ->
                    throw new TemplateException(
                            line, "the test \"%s\" is not supported".formatted(name));
        };
    }
}
