package io.residuum.json;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value and the line it begins on, 0 where it was made rather than read. */
public sealed interface Json {

    /** The six kinds of value that JSON has. */
    enum Kind {
        STRING,
        NUMBER,
        BOOLEAN,
        ARRAY,
        OBJECT,
        NULL
    }

    public record Obj(int line, Map<String, Json> members) implements Json {
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        public Obj(Map<String, Json> members) {
            this(0, members);
        }

        @Override
        public Kind kind() {
            return Kind.OBJECT;
        }
    }

    public record Arr(int line, List<Json> items) implements Json {
        public Arr {
            items = List.copyOf(items);
        }

        public Arr(List<Json> items) {
            this(0, items);
        }

        @Override
        public Kind kind() {
            return Kind.ARRAY;
        }
    }

    public record Str(int line, String value) implements Json {
        public Str(String value) {
            this(0, value);
        }

        @Override
        public Kind kind() {
            return Kind.STRING;
        }
    }

    /**
     * A number as it is written, so that neither range nor precision is lost before its type is
     * known.
     */
    public record Num(int line, String text) implements Json {
        public Num(String text) {
            this(0, text);
        }

        @Override
        public Kind kind() {
            return Kind.NUMBER;
        }
    }

    public record Bool(int line, boolean value) implements Json {
        public Bool(boolean value) {
            this(0, value);
        }

        @Override
        public Kind kind() {
            return Kind.BOOLEAN;
        }
    }

    public record Null(int line) implements Json {
        public Null() {
            this(0);
        }

        @Override
        public Kind kind() {
            return Kind.NULL;
        }
    }

    int line();

    Kind kind();

    /** The text on one line without a space. */
    default String compact() {
        StringBuilder out = new StringBuilder();
        new Printer(out, ",", ":").flat(this);
        return out.toString();
    }

    /** The text as people read it: what fits stays on one line, and it ends with a line break. */
    default String pretty() {
        StringBuilder out = new StringBuilder();
        new Printer(out, ", ", ": ").tall(this, 0);
        return out.append('\n').toString();
    }

    /** Prints values to {@code out}. */
    record Printer(StringBuilder out, String comma, String colon) {
        private static final int COLUMNS = 100;

        void flat(Json value) {
            if (value instanceof Obj object) {
                out.append('{');
                String separator = "";
                for (Map.Entry<String, Json> member : object.members().entrySet()) {
                    out.append(separator).append(JsonText.literal(member.getKey())).append(colon);
                    flat(member.getValue());
                    separator = comma;
                }
                out.append('}');
            } else if (value instanceof Arr array) {
                out.append('[');
                String separator = "";
                for (Json item : array.items()) {
                    out.append(separator);
                    flat(item);
                    separator = comma;
                }
                out.append(']');
            } else if (value instanceof Str string) {
                out.append(JsonText.literal(string.value()));
            } else if (value instanceof Num number) {
                out.append(number.text());
            } else if (value instanceof Bool bool) {
                out.append(bool.value());
            } else {
                out.append("null");
            }
        }

        /**
         * One line if what follows the current column, and a comma, fits; else one line for each
         * child.
         */
        private void fitted(Json value, int indent) {
            int start = out.length();
            int used = start - (out.lastIndexOf("\n") + 1);
            flat(value);
            if (used + out.length() - start + 1 > COLUMNS) {
                out.setLength(start);
                tall(value, indent);
            }
        }

        void tall(Json value, int indent) {
            if (value instanceof Obj object && !object.members().isEmpty()) {
                out.append('{');
                Iterator<Map.Entry<String, Json>> members = object.members().entrySet().iterator();
                while (members.hasNext()) {
                    Map.Entry<String, Json> member = members.next();
                    newLine(indent + 2);
                    out.append(JsonText.literal(member.getKey())).append(colon);
                    fitted(member.getValue(), indent + 2);
                    out.append(members.hasNext() ? "," : "");
                }
                newLine(indent);
                out.append('}');
            } else if (value instanceof Arr array && !array.items().isEmpty()) {
                out.append('[');
                Iterator<Json> items = array.items().iterator();
                while (items.hasNext()) {
                    newLine(indent + 2);
                    fitted(items.next(), indent + 2);
                    out.append(items.hasNext() ? "," : "");
                }
                newLine(indent);
                out.append(']');
            } else {
                flat(value);
            }
        }

        private void newLine(int indent) {
            out.append('\n').append(" ".repeat(indent));
        }
    }
}
