package io.residuum.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class JsonTest {
    private record Point(int x, List<Double> weights) {}

    @Test
    void writesJavaValues() {
        Json json =
                Json.object(
                        "point",
                        new Point(1, List.of(0.5, Double.NaN)),
                        "map",
                        Map.of(7, true),
                        "float",
                        0.1f,
                        "long",
                        Long.MIN_VALUE,
                        "none",
                        null);
        assertEquals(
                "{\"point\":{\"x\":1,\"weights\":[0.5,\"NaN\"]},\"map\":{\"7\":true},"
                        + "\"float\":0.1,\"long\":-9223372036854775808,\"none\":null}",
                json.compact());
        assertThrows(IllegalArgumentException.class, () -> Json.of(new Object()));
    }

    @Test
    void aMissingValueIsNull() {
        Json json = JsonReader.parse("{\"a\": [1, {\"b\": \"c\"}], \"d\": 1.5}", "test");
        assertEquals("c", json.get("a").get(1).get("b").string(""));
        assertEquals(1, json.get("a").get(0).integer(-1));
        assertEquals(-1, json.get("d").integer(-1));
        assertEquals(Json.Kind.NULL, json.get("x").get(3).get("y").kind());
        assertTrue(json.get("d").bool(true));
        assertEquals(Optional.empty(), json.get("a").strings());
        assertEquals(Optional.of(List.of()), Json.of(List.of()).strings());
    }

    @Test
    void copiesOfAnObjectKeepItsOrder() {
        Json.Obj json = Json.object("a", 1, "b", 2);
        assertEquals("{\"a\":[],\"b\":2,\"c\":null}", copied(json));
        assertEquals("{\"a\":1,\"b\":2}", json.compact());
    }

    private static String copied(Json.Obj json) {
        return json.with("a", List.of()).with("c", null).with("d", 0).without("d").compact();
    }

    @Test
    void columnsAreCountedInCharacters() {
        JsonException e =
                assertThrows(
                        JsonException.class, () -> JsonReader.parse("{\n \"\u00e9\": x}", "test"));
        assertEquals(
                "test:2: malformed JSON at column 7: expected a value, found \"x\"",
                e.getMessage());
        assertEquals("test:" + e.detail(), e.getMessage());
    }

    @Test
    void chargesBeforeItAllocates() {
        String text = "[\"" + "x".repeat(1000) + "\"]";
        ByteBuffer in = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        LongConsumer budget =
                bytes -> {
                    if (bytes > 1000) {
                        throw new IllegalStateException("too much");
                    }
                };
        assertThrows(IllegalStateException.class, () -> JsonReader.read(in, "test", budget));
    }
}
