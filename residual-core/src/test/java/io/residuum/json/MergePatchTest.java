package io.residuum.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {

    /** The first cases are those of RFC 7396, Appendix A. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"a":"b"} | {"a":"c"} | {"a":"c"}
                    {"a":"b"} | {"b":"c"} | {"a":"b","b":"c"}
                    {"a":"b"} | {"a":null} | {}
                    {"a":"b","b":"c"} | {"a":null} | {"b":"c"}
                    {"a":["b"]} | {"a":"c"} | {"a":"c"}
                    {"a":"c"} | {"a":["b"]} | {"a":["b"]}
                    {"a":{"b":"c"}} | {"a":{"b":"d","c":null}} | {"a":{"b":"d"}}
                    {"a":[{"b":"c"}]} | {"a":[1]} | {"a":[1]}
                    ["a","b"] | ["c","d"] | ["c","d"]
                    {"a":"foo"} | null | null
                    {"a":"foo"} | "bar" | "bar"
                    {"e":null} | {"a":1} | {"e":null,"a":1}
                    [1,2] | {"a":"b","c":null} | {"a":"b"}
                    {} | {"a":{"bb":{"ccc":null}}} | {"a":{"bb":{}}}
                    {"type":"x","a":1} | {"type":"y","b":2} | {"type":"y","b":2}
                    {"type":"x","a":1} | {"type":"x","b":2} | {"type":"x","a":1,"b":2}
                    {"type":"x","a":1} | {"b":2} | {"type":"x","a":1,"b":2}
                    """)
    void patchesMerge(String target, String patch, String merged) {
        assertEquals(
                merged,
                MergePatch.apply(
                                JsonReader.parse(target, "target"),
                                JsonReader.parse(patch, "patch"))
                        .compact());
    }
}
