package io.residuum.json;

import java.util.Iterator;
import java.util.Map;

/** A printer of JSON values. */
record JsonPrinter(StringBuilder out, String comma, String colon) {
    private static final int COLUMNS = 100;

    void flat(Json value) {
        flat(value, Integer.MAX_VALUE);
    }

    /** Writes the value on one line; if the text becomes longer than {@code end}, only a part. */
    private void flat(Json value, int end) {
        if (value instanceof Json.Obj object) {
            out.append('{');
            String separator = "";
            for (Map.Entry<String, Json> member : object.members().entrySet()) {
                if (out.length() > end) {
                    return;
                }
                out.append(separator).append(JsonText.literal(member.getKey())).append(colon);
                flat(member.getValue(), end);
                separator = comma;
            }
            out.append('}');
        } else if (value instanceof Json.Arr array) {
            out.append('[');
            String separator = "";
            for (Json item : array.items()) {
                if (out.length() > end) {
                    return;
                }
                out.append(separator);
                flat(item, end);
                separator = comma;
            }
            out.append(']');
        } else if (value instanceof Json.Str string) {
            out.append(JsonText.literal(string.value()));
        } else if (value instanceof Json.Num number) {
            out.append(number.text());
        } else if (value instanceof Json.Bool bool) {
            out.append(bool.value());
        } else {
            out.append("null");
        }
    }

    /**
     * Writes the value on one line if it fits after the current column with a comma, else one line
     * per child.
     */
    private void fitted(Json value, int indent) {
        int start = out.length();
        int end = out.lastIndexOf("\n") + COLUMNS;
        flat(value, end);
        if (out.length() > end) {
            out.setLength(start);
            tall(value, indent);
        }
    }

    void tall(Json value, int indent) {
        if (value instanceof Json.Obj object && !object.members().isEmpty()) {
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
        } else if (value instanceof Json.Arr array && !array.items().isEmpty()) {
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
