package io.residuum.examples.fuzz;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Damages a JSON tree: other values and types, keys, repetitions, depth. Some cases damage the text
 * too.
 */
final class JsonMutation implements Kind.Mutation {
    private static final List<Json> VALUES =
            List.of(
                    Json.of(null),
                    Json.of(true),
                    number("0"),
                    number("-1"),
                    number("1"),
                    number("0.5"),
                    number("100000"),
                    number("2147483647"),
                    number("2147483648"),
                    number("-9223372036854775808"),
                    number("1e308"),
                    number("1e999"),
                    number("1e-999"),
                    number("1E+2147483648"),
                    number("9".repeat(90)),
                    Json.of(""),
                    Json.of("*"),
                    Json.of("{b}{b+1}*"),
                    Json.of("*a".repeat(40)),
                    Json.of("(a+)+b"),
                    Json.of("1".repeat(300)),
                    Json.of("\u0000\u001b[31m\u202e\ud800"),
                    Json.of("\u00e9\u4e2d\ud83d\ude00"),
                    Json.of(List.of()),
                    Json.of(Map.of()));

    /** Damages a JSON text. */
    static final JsonMutation TEXT = new JsonMutation(0);

    private static final int SAFETENSORS_LENGTH = Long.BYTES;

    private final int start;

    private JsonMutation(int start) {
        this.start = start;
    }

    /** Damages the header of a safetensors file. */
    static final JsonMutation SAFETENSORS = new JsonMutation(SAFETENSORS_LENGTH);

    private static Json number(String text) {
        return new Json.Num(0, text);
    }

    @Override
    public byte[] mutate(byte[] valid, Random random) {
        if (random.nextInt(6) == 0) {
            return ByteMutation.LITTLE_ENDIAN.mutate(valid, random);
        }
        int end = start == 0 ? valid.length : start + (int) buffer(valid).getLong(0);
        String text = new String(valid, start, end - start, StandardCharsets.UTF_8);
        Json json = JsonReader.parse(text, "seed");
        for (int i = random.nextInt(2); i >= 0; i--) {
            json = changed(json, random);
        }
        byte[] bytes = json.compact().getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[start + bytes.length + valid.length - end];
        System.arraycopy(bytes, 0, all, start, bytes.length);
        System.arraycopy(valid, end, all, start + bytes.length, valid.length - end);
        if (start > 0) {
            buffer(all).putLong(0, bytes.length);
        }
        return all;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Json changed(Json json, Random random) {
        List<Json> all = new ArrayList<>();
        collect(json, all);
        Json target = all.get(random.nextInt(all.size()));
        Json other = all.get(random.nextInt(all.size()));
        int how = random.nextInt(10);
        return replace(json, target, other, how, random);
    }

    private static void collect(Json json, List<Json> into) {
        into.add(json);
        json.members().values().forEach(child -> collect(child, into));
        json.items().forEach(child -> collect(child, into));
    }

    /** Rebuilds a tree with another value at one place, which is found by identity. */
    private static Json replace(Json json, Json target, Json other, int how, Random random) {
        if (json == target) {
            return other(json, other, how, random);
        }
        if (json instanceof Json.Obj) {
            Map<String, Json> members = new LinkedHashMap<>();
            json.members()
                    .forEach(
                            (key, value) -> {
                                boolean here = value == target;
                                if (here && how == 8) {
                                    return;
                                }
                                String name = here && how == 9 ? key + "x" : key;
                                members.put(name, replace(value, target, other, how, random));
                            });
            return new Json.Obj(0, members);
        }
        if (json instanceof Json.Arr) {
            List<Json> items = new ArrayList<>();
            for (Json item : json.items()) {
                if (item != target || how != 8) {
                    items.add(replace(item, target, other, how, random));
                }
                if (item == target && how == 9) {
                    for (int i = random.nextInt(200); i > 0; i--) {
                        items.add(item);
                    }
                }
            }
            return new Json.Arr(0, items);
        }
        return json;
    }

    private static Json other(Json json, Json other, int how, Random random) {
        return switch (how) {
            case 0, 1, 2, 3 -> VALUES.get(random.nextInt(VALUES.size()));
            case 4 -> json instanceof Json.Num ? changedNumber(json, random) : other;
            case 5 -> other;
            case 6 -> wrapped(json, random.nextInt(4) == 0 ? 150 : 1, random.nextBoolean());
            case 7 -> json instanceof Json.Str s ? Json.of(s.value() + s.value()) : other;
            default -> json;
        };
    }

    private static Json changedNumber(Json json, Random random) {
        double value = Double.parseDouble(((Json.Num) json).text());
        return switch (random.nextInt(4)) {
            case 0 -> Json.of(-value);
            case 1 -> Json.of((long) value + 1);
            case 2 -> Json.of((long) value * 1000);
            default -> Json.of(value / 2);
        };
    }

    private static Json wrapped(Json json, int times, boolean array) {
        Json all = json;
        for (int i = 0; i < times; i++) {
            all =
                    array
                            ? Json.of(List.of(all))
                            : Json.object("type", "Sequence", "decoders", List.of(all));
        }
        return all;
    }
}
