package io.residuum.transformer.generate.template;

import io.residuum.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values of expressions as Python has them: texts, whole and other numbers, booleans, null, lists,
 * maps and {@link #UNDEFINED}.
 */
final class Values {
    /** The value of a name that has none. It is false, and its text is empty. */
    static final Object UNDEFINED = new Undefined();

    private record Undefined() {}

    /** The most characters of a text, and items of a list, with those in its items. */
    static final int MOST = 4_000_000;

    private static final int MOST_NESTED = 100;
    private static final int MOST_INDENT = 16;

    private Values() {}

    /**
     * {@return the number of items of a value, with those of its items; more than {@link #MOST} if
     * it has more, or is nested too deeply to be written}
     */
    static long items(@Nullable Object value, int depth) {
        return depth > MOST_NESTED ? MOST + 1L : sum(value, v -> items(v, depth + 1));
    }

    /** {@return the number of characters of a value, if it has few {@link #items}} */
    static long characters(@Nullable Object value) {
        return value instanceof String text ? text.length() : sum(value, Values::characters);
    }

    private static long sum(@Nullable Object value, ToLongFunction<@Nullable Object> of) {
        if (value instanceof Map<?, ?> map) {
            return sum(map.keySet(), of) + sum(map.values(), of);
        }
        long sum = 1;
        if (value instanceof Collection<?> all) {
            for (Object item : all) {
                sum += of.applyAsLong(item);
                if (sum > MOST) {
                    return sum;
                }
            }
        }
        return sum;
    }

    static boolean isTrue(@Nullable Object value) {
        if (value == null || value == UNDEFINED) {
            return false;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        return value instanceof Map<?, ?> map
                ? !map.isEmpty()
                : !(value instanceof Collection<?> all) || !all.isEmpty();
    }

    /** {@return the text of a value as Python's {@code str}} */
    static String text(@Nullable Object value) {
        if (value == UNDEFINED) {
            return "";
        }
        return value instanceof String text ? text : representation(value);
    }

    private static String representation(@Nullable Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof String text) {
            boolean single = text.indexOf('\'') < 0 || text.indexOf('"') >= 0;
            String quote = single ? "'" : "\"";
            String escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
            return quote + (single ? escaped.replace("'", "\\'") : escaped) + quote;
        }
        if (value instanceof List<?> list) {
            List<String> items = list.stream().map(Values::representation).toList();
            return "[" + String.join(", ", items) + "]";
        }
        if (value instanceof Map<?, ?> map) {
            List<String> items = new ArrayList<>();
            map.forEach((k, v) -> items.add(representation(k) + ": " + representation(v)));
            return "{" + String.join(", ", items) + "}";
        }
        return value.toString();
    }

    /**
     * {@return the JSON of a value as transformers writes it}
     *
     * @param indent the number of spaces of a level; 0 for one line
     */
    static String json(@Nullable Object value, int indent) {
        return json(value, Math.max(0, Math.min(MOST_INDENT, indent)), "\n");
    }

    private static String json(@Nullable Object value, int indent, String line) {
        String inner = line + " ".repeat(indent);
        if (value instanceof List<?> list) {
            List<String> items = list.stream().map(i -> json(i, indent, inner)).toList();
            return bracketed("[", items, "]", indent, line, inner);
        }
        if (value instanceof Map<?, ?> map) {
            List<String> items = new ArrayList<>();
            map.forEach((k, v) -> items.add(quoted(text(k)) + ": " + json(v, indent, inner)));
            return bracketed("{", items, "}", indent, line, inner);
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        return value == null ? "null" : text(value).toLowerCase(java.util.Locale.ROOT);
    }

    private static String bracketed(
            String open, List<String> items, String close, int indent, String line, String inner) {
        if (indent == 0 || items.isEmpty()) {
            return open + String.join(", ", items) + close;
        }
        return open + inner + String.join("," + inner, items) + line + close;
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }

    static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return x.doubleValue() == y.doubleValue();
        }
        return a == null ? b == null : a.equals(b);
    }

    /** {@return the items of a value that a loop can run over; null if it is none} */
    static @Nullable List<Object> items(@Nullable Object value) {
        if (value instanceof Collection<?> all) {
            return new ArrayList<>(all);
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        }
        return value == UNDEFINED ? List.of() : null;
    }

    /** {@return the value of JSON} */
    static @Nullable Object of(Json json) {
        if (json instanceof Json.Str text) {
            return text.value();
        }
        if (json instanceof Json.Bool flag) {
            return flag.value();
        }
        if (json instanceof Json.Num number) {
            String text = number.text();
            return text.matches("-?\\d{1,18}")
                    ? (Object) Long.parseLong(text)
                    : (Object) Double.parseDouble(text);
        }
        if (json instanceof Json.Arr list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.items().forEach(item -> items.add(of(item)));
            return items;
        }
        if (json instanceof Json.Obj object) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            object.members().forEach((key, value) -> members.put(key, of(value)));
            return members;
        }
        return null;
    }
}
