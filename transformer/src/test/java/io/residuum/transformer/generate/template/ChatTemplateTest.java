package io.residuum.transformer.generate.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.transformer.generate.ChatFormat.Message;
import io.residuum.transformer.text.CharTokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompts of transformers, written by {@code chats.py} beside {@code chats.json}. */
class ChatTemplateTest {
    private static final List<Message> CHAT = List.of(new Message("user", "Hi"));

    @TempDir private Path folder;

    private record Case(String name, Json.Obj json) {
        Stream<Json> list(String key) {
            return ((Json.Arr) json.get(key)).items().stream();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() throws IOException, URISyntaxException {
        Path file =
                Path.of(
                        Objects.requireNonNull(ChatTemplateTest.class.getResource("chats.json"))
                                .toURI());
        List<Case> cases = new ArrayList<>();
        ((Json.Obj) JsonReader.read(file))
                .members()
                .forEach((name, json) -> cases.add(new Case(name, (Json.Obj) json)));
        assertEquals(7, cases.size());
        return cases;
    }

    private static Message message(Json json) {
        Json.Obj object = (Json.Obj) json;
        return new Message(text(object.get("role")), text(object.get("content")));
    }

    private static String text(Json json) {
        return ((Json.Str) json).value();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void promptsAreThoseOfTransformers(Case given) {
        Map<String, String> tokens = new HashMap<>();
        ((Json.Obj) given.json().get("tokens"))
                .members()
                .forEach((name, value) -> tokens.put(name, text(value)));
        ChatTemplate template = ChatTemplate.parse(text(given.json().get("template")), tokens);
        List<Json> expected = given.list("expected").toList();
        List<Json> chats = given.list("chats").toList();
        for (int i = 0; i < chats.size(); i++) {
            List<Message> chat =
                    ((Json.Arr) chats.get(i))
                            .items().stream().map(ChatTemplateTest::message).toList();
            if (expected.get(i) instanceof Json.Str prompt) {
                assertEquals(prompt.value(), template.prompt(chat));
            } else {
                assertThrows(TemplateException.class, () -> template.prompt(chat));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{{ 'a' | bad }} # line 1 of the chat template: the filter \"bad\" is not"
                        + " supported",
                "{% include 'x' %} # a statement must be if, for, set, macro",
                "{{ x.y.z }} # an undefined value has no member",
                "{{ 1 + 'a' }} # \"+\" needs two numbers, texts or lists, got a number and a text",
                "{% if true %} # a block must end with one of",
                "{{ 'a # an expression or statement must end with }}",
                "{{ os() }} # must call a macro, namespace",
                "{{ raise_exception('no tools') }} # refuses the chat: no tools",
                "{% for i in range(1000000000) %}{% endfor %} # range is too long",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }} # macros, blocks and"
                        + " expressions must be nested at most 300 deep",
                "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}"
                        + "{% endfor %} # must make texts and lists of at most 4000000",
                "{% set n = namespace(s=['ab']) %}{% for i in range(99) %}{% set n.s = [n.s, n.s]"
                        + " %}{% endfor %} # must make texts and lists of at most 4000000",
                "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}"
                        + " # must end after 10000000 steps",
                "{% for i in range(999999) %}{{ messages * 1 }}{% endfor %} # \"*\" needs two",
                "{{ 'a'.replace('a') }} # needs an argument more",
                "{{ ('a' * 4000000).replace('a', 'bb') }} # text is too long",
                "{{ 'a' * 9223372036854775807 }} # text is too long",
                "{{ range(9223372036854775800, 9223372036854775807, -1) | length }}{{ x() }}"
                        + " # must call a macro"
            })
    void errorsNameLineAndCause(String template, String message) {
        TemplateException e =
                assertThrows(
                        TemplateException.class,
                        () -> ChatTemplate.parse(template.strip(), Map.of()).prompt(CHAT));
        assertTrue(String.valueOf(e.getMessage()).contains(message.strip()), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"(,1,)", "[,1,]", "-(,1,)", "'',1,.a", "'',1,+1", "{% if true %},1,{% endif %}"})
    void deepNestingIsAnError(String open, String inner, String close) {
        String deep = open.repeat(100_000) + inner + close.repeat(100_000);
        String template = open.startsWith("{") ? deep : "{{ " + deep + " }}";
        TemplateException e =
                assertThrows(
                        TemplateException.class,
                        () -> ChatTemplate.parse(template, Map.of()).prompt(CHAT));
        assertTrue(String.valueOf(e.getMessage()).contains("nested"), e.getMessage());
    }

    @Test
    void aModelKeepsTheTemplateOfItsTokenizer() throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"gpt2\", \"vocab_size\": 9, \"n_embd\": 8, \"n_layer\": 1,"
                        + " \"n_head\": 2}");
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": {\"content\": \"<s>\"}, \"chat_template\": [{\"name\": \"other\","
                        + " \"template\": \"\"}, {\"name\": \"default\", \"template\":"
                        + " \"{{ bos_token }}{{ messages[0].content }}\"}]}");
        assertEquals("<s>Hi", template().prompt(CHAT));
        assertEquals("<s>Hi", template().prompt(CHAT, CharTokenizer.of("<s>Hi")));
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages | length }}\n");
        assertEquals("1", template().prompt(CHAT));
    }

    private ChatTemplate template() {
        ModelMetadata metadata = ModelSource.of(folder.resolve("config.json")).metadata();
        return ChatTemplate.of(metadata).orElseThrow();
    }
}
