package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Classification;
import io.residuum.model.FeatureExtractor;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Texts, completions and chats over HTTP give what the model gives. */
class TextServerTest {
    private static final EngineChoice ENGINE = Engines.all().get(0);

    private static ModelServer server(Network network, ServeOptions options) {
        return ModelServer.start(ServedModel.of("tiny", network, Fixtures.LETTERS), options);
    }

    private static Generator.Settings settings(int tokens, String... stops) {
        Sampling sampling = Sampling.PLAIN.withTemperature(0.7).withTopP(0.9).withSeed(3);
        return new Generator.Settings(sampling, tokens, List.of(stops), true);
    }

    /** Texts that join a running batch are the same, with log-probabilities of 11 bits. */
    @EachEngine
    void cachesMayHave16Bits(EngineChoice engine) {
        String body =
                "{\"prompt\": [\"to be\", \"not\"], \"max_tokens\": 9, \"temperature\": 0,"
                        + " \"logprobs\": 1}";
        List<Json> answers = new ArrayList<>();
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            try (Network network = Fixtures.plays(engine);
                    ModelServer server = server(network, Fixtures.OPTIONS.withCacheType(type))) {
                answers.add(Client.json(Client.of(server).post("/v1/completions", body)));
            }
        }
        double largest = 0;
        for (int text = 0; text < 2; text++) {
            Json whole = answers.get(0).get("choices").get(text);
            Json half = answers.get(1).get("choices").get(text);
            assertEquals(whole.get("text"), half.get("text"));
            for (int i = 0; i < 9; i++) {
                double difference = logProb(whole, i) - logProb(half, i);
                largest = Math.max(largest, Math.abs(difference));
            }
        }
        assertTrue(largest > 0 && largest < 1e-2, "the largest difference is " + largest);
    }

    private static double logProb(Json choice, int token) {
        Json value = choice.get("logprobs").get("token_logprobs").get(token);
        return Double.parseDouble(value.compact());
    }

    @EachEngine
    void textsHaveClasses(EngineChoice engine) {
        try (Network network = Fixtures.topics(engine);
                TextClassifier classifier = TextClassifier.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            List<String> texts = List.of("a cab", "a hijacked cable", "dig");
            Json both =
                    Client.json(
                            client.post(
                                    "/v1/predict",
                                    Json.object("texts", texts, "top", 1).compact()));
            Json plain =
                    Client.json(
                            client.post(
                                    "/v1/predict",
                                    "text/plain",
                                    "dig".getBytes(StandardCharsets.UTF_8)));
            for (int i = 0; i < texts.size(); i++) {
                Classification expected = classifier.classify(texts.get(i));
                assertEquals(
                        expected.best().name(),
                        both.get("predictions")
                                .get(i)
                                .get("classes")
                                .get(0)
                                .get("name")
                                .string(""));
            }
            assertEquals(2, plain.get("predictions").get(0).get("classes").items().size());
        }
    }

    @Test
    void aModelWithAnotherTokenizerAnswersTensors() {
        try (Network network = Fixtures.plays(ENGINE);
                Tokenizer many = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz0123456789");
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, many), Fixtures.OPTIONS)) {
            assertEquals(List.of("tensors"), server.tasks());
        }
    }

    @Test
    void longTextsHaveClassesIfTheRequestSaysSo() {
        String text = "a".repeat(200);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        try (Network network = Fixtures.topics(ENGINE);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            String json = Json.object("texts", text).compact();
            for (HttpResponse<byte[]> refused :
                    List.of(
                            client.post("/v1/predict", json),
                            client.post("/v1/predict?truncate=false", "text/plain", utf8))) {
                assertEquals(400, refused.statusCode());
                assertTrue(Client.text(refused).contains("found 200"), Client.text(refused));
            }
            Client.json(client.post("/v1/predict", json.replace("}", ", \"truncate\": true}")));
            Client.json(client.post("/v1/predict?truncate=true", "text/plain", utf8));
            Json one = Client.json(client.post("/v1/predict?truncate=true&top=1", json));
            assertEquals(1, one.get("predictions").get(0).get("classes").items().size());
            assertEquals(
                    400, client.post("/v1/predict?truncate=1", "text/plain", utf8).statusCode());
            HttpResponse<byte[]> tensors =
                    client.post("/v1/predict", "{\"tensors\": {}, \"truncate\": true}");
            assertTrue(Client.text(tensors).contains("truncate is for texts"));
        }
    }

    @EachEngine
    void completionsAreTheTextsOfTheGenerator(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                TextGenerator generator = TextGenerator.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            String sampling = "\"temperature\": 0.7, \"top_p\": 0.9, \"seed\": 3, \"n\": 1";
            Json two =
                    Client.json(
                            client.post(
                                    "/v1/completions",
                                    "{\"prompt\": [\"to be\", \"not\"], \"max_tokens\": 9, %s}"
                                            .formatted(sampling)));
            List<String> expected =
                    generator
                            .generate(List.of("to be", "not"), settings(9), (i, piece) -> {})
                            .continuations()
                            .stream()
                            .map(c -> c.text())
                            .toList();
            assertEquals(expected.get(0), two.get("choices").get(0).get("text").string("?"));
            assertEquals(expected.get(1), two.get("choices").get(1).get("text").string("?"));
            assertEquals("length", two.get("choices").get(0).get("finish_reason").string("?"));
            Json penalized =
                    Client.json(
                            client.post(
                                    "/v1/completions",
                                    """
                                    {"prompt": "to be", "max_tokens": 9, "temperature": 0,
                                     "presence_penalty": 2, "frequency_penalty": 1.5}
                                    """));
            Sampling penalties = Sampling.GREEDY.withPresencePenalty(2).withFrequencyPenalty(1.5);
            assertEquals(
                    generator.generate("to be", Generator.Settings.DEFAULT.with(penalties, 9)),
                    penalized.get("choices").get(0).get("text").string("?"));
            assertNotEquals(
                    generator.generate(
                            "to be", Generator.Settings.DEFAULT.with(Sampling.GREEDY, 9)),
                    penalized.get("choices").get(0).get("text").string("?"));
            assertEquals(8, two.get("usage").get("prompt_tokens").integer(0));
            assertEquals(26, two.get("usage").get("total_tokens").integer(0));

            String prompt = "User: to be\nAssistant:";
            Json chat =
                    Client.json(
                            client.post(
                                    "/v1/chat/completions",
                                    "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"to be\"}]}], \"max_completion_tokens\": 9, %s}"
                                            .formatted(sampling)));
            Json message = chat.get("choices").get(0).get("message");
            assertEquals("assistant", message.get("role").string(""));
            assertEquals(
                    generator.generate(prompt, settings(9, "\nUser:")),
                    message.get("content").string("?"));
        }
    }

    @EachEngine
    void manyClientsShareABatch(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                TextGenerator generator = TextGenerator.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            List<String> prompts = List.of("to be", "a", "not to be or what", "dig", "cab", "ab");
            List<CompletableFuture<Json>> all =
                    prompts.stream()
                            .map(
                                    prompt ->
                                            CompletableFuture.supplyAsync(
                                                    () -> completed(client, prompt),
                                                    task -> new Thread(task).start()))
                            .toList();
            for (int i = 0; i < prompts.size(); i++) {
                String prompt = prompts.get(i);
                Generator.Settings alone =
                        Generator.Settings.DEFAULT.with(Sampling.GREEDY, 40 + prompt.length());
                assertEquals(
                        generator.generate(prompt, alone),
                        all.get(i).join().get("choices").get(0).get("text").string("?"));
            }
            double tokens =
                    server.metrics().get("residuum.tokens").tag("kind", "prompt").counter().count();
            assertEquals(prompts.stream().mapToInt(String::length).sum(), tokens);
            assertEquals(
                    prompts.stream().mapToInt(prompt -> 40 + prompt.length()).sum(),
                    server.metrics()
                            .get("residuum.tokens")
                            .tag("kind", "generated")
                            .counter()
                            .count());
            assertTrue(
                    server.metrics()
                                    .get("residuum.batch.size")
                                    .tag("task", "completions")
                                    .summary()
                                    .max()
                            > 1);
        }
    }

    private static Json completed(Client client, String prompt) {
        return Client.json(
                client.post(
                        "/v1/completions",
                        Json.object(
                                        "prompt",
                                        prompt,
                                        "max_tokens",
                                        40 + prompt.length(),
                                        "temperature",
                                        0)
                                .compact()));
    }

    @EachEngine
    void aPromptHasSeveralChoices(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                TextGenerator generator = TextGenerator.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            String rest =
                    "\"n\": 3, \"best_of\": 3, \"max_tokens\": 9, \"seed\": 3, \"temperature\":"
                            + " 0.7, \"top_p\": 0.9, \"logprobs\": false";
            int[] ids = Fixtures.LETTERS.encode("not");
            List<String> requests =
                    List.of(
                            "{\"prompt\": [\"to be\", \"not\"], \"echo\": false, %s}"
                                    .formatted(rest),
                            "{\"prompt\": [%s, %s], %s}"
                                    .formatted(
                                            Arrays.toString(Fixtures.LETTERS.encode("to be")),
                                            Arrays.toString(ids),
                                            rest));
            List<String> prompts = List.of("to be", "to be", "to be", "not", "not", "not");
            List<String> expected =
                    generator
                            .generate(prompts, settings(9), (i, piece) -> {})
                            .continuations()
                            .stream()
                            .map(c -> c.text())
                            .toList();
            for (String request : requests) {
                Json found = Client.json(client.post("/v1/completions", request));
                assertEquals(
                        expected,
                        found.get("choices").items().stream()
                                .map(choice -> choice.get("text").string("?"))
                                .toList());
                assertEquals(8, found.get("usage").get("prompt_tokens").integer(0));
                assertEquals(6 * 9, found.get("usage").get("completion_tokens").integer(0));
            }
            Json one =
                    Client.json(
                            client.post(
                                    "/v1/completions",
                                    "{\"prompt\": %s, \"max_tokens\": 2}"
                                            .formatted(Arrays.toString(ids))));
            assertEquals(3, one.get("usage").get("prompt_tokens").integer(0));
        }
    }

    /** The prompt is a text that the model continues, so its tokens have the same probabilities. */
    @EachEngine
    void anEchoHasTheLogProbabilitiesOfThePrompt(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                TextGenerator generator = TextGenerator.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            Generator.Settings greedy =
                    Generator.Settings.DEFAULT.withMaxTokens(12).withLogProbs(2);
            Continuation known =
                    generator
                            .generate(List.of("to be"), greedy, (i, piece) -> {})
                            .continuations()
                            .get(0);
            String prompt = "to be" + known.text();
            String text = prompt + generator.generate(prompt, greedy.withMaxTokens(3));
            String body =
                    "{\"prompt\": %s, \"max_tokens\": 3, \"temperature\": 0, \"echo\": true%s}";
            String asText = Json.of(List.of("not", prompt)).compact();
            String asIds = "[[1], %s]".formatted(Arrays.toString(Fixtures.LETTERS.encode(prompt)));
            String record = ", \"logprobs\": 2, \"n\": 2";
            Json plain = Client.json(client.post("/v1/completions", body.formatted(asText, "")));
            assertEquals(text, plain.get("choices").get(1).get("text").string("?"));
            assertTrue(plain.get("choices").get(1).get("logprobs") instanceof Json.Null);
            for (String given : List.of(asText, asIds)) {
                Json whole =
                        Client.json(client.post("/v1/completions", body.formatted(given, record)));
                Json choice = whole.get("choices").get(3);
                assertEquals(text, choice.get("text").string("?"));
                Json found = choice.get("logprobs");
                assertEquals(text.length(), found.get("tokens").items().size());
                assertEquals("null", found.get("token_logprobs").get(0).compact());
                assertEquals("null", found.get("top_logprobs").get(0).compact());
                for (int i = 0; i < text.length(); i++) {
                    assertEquals(text.substring(i, i + 1), found.get("tokens").get(i).string("?"));
                    assertEquals(i, found.get("text_offset").get(i).integer(-1));
                }
                for (int i = 0; i < known.tokens().size(); i++) {
                    assertEquals(
                            known.logProbs().get(i).chosen(),
                            number(found.get("token_logprobs").get(5 + i)),
                            1e-4);
                    assertEquals(2, found.get("top_logprobs").get(5 + i).members().size());
                }
                String streamed = record + ", \"stream\": true";
                List<Json> chunks =
                        Client.text(client.post("/v1/completions", body.formatted(given, streamed)))
                                .lines()
                                .filter(line -> line.startsWith("data: {"))
                                .map(line -> JsonReader.parse(line.substring(6), "event"))
                                .map(chunk -> chunk.get("choices").get(0))
                                .filter(c -> c.get("index").integer(-1) == 3)
                                .toList();
                assertEquals(
                        text,
                        chunks.stream()
                                .map(c -> c.get("text").string("?"))
                                .collect(Collectors.joining()));
                assertEquals(
                        found.get("token_logprobs").items().stream().map(Json::compact).toList(),
                        chunks.stream()
                                .map(c -> c.get("logprobs"))
                                .filter(Json.Obj.class::isInstance)
                                .flatMap(c -> c.get("token_logprobs").items().stream())
                                .map(Json::compact)
                                .toList());
            }
        }
    }

    @EachEngine
    void tokensHaveLogProbabilities(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                TextGenerator generator = TextGenerator.of(network, Fixtures.LETTERS);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            Generator.Settings settings = settings(4).withLogProbs(2);
            String rest = "\"max_tokens\": 4, \"seed\": 3, \"temperature\": 0.7, \"top_p\": 0.9";
            Continuation expected =
                    generator
                            .generate(List.of("to be"), settings, (i, piece) -> {})
                            .continuations()
                            .get(0);
            Json found =
                    Client.json(
                                    client.post(
                                            "/v1/completions",
                                            "{\"prompt\": \"to be\", \"logprobs\": 2, %s}"
                                                    .formatted(rest)))
                            .get("choices")
                            .get(0)
                            .get("logprobs");
            Json chat =
                    Client.json(
                                    client.post(
                                            "/v1/chat/completions",
                                            "{\"messages\": [{\"role\": \"user\", \"content\":"
                                                + " \"a\"}], \"logprobs\": true, \"top_logprobs\":"
                                                + " 3,"
                                                    + " %s}".formatted(rest)))
                            .get("choices")
                            .get(0);
            String text = chat.get("message").get("content").string("?");
            for (int i = 0; i < 4; i++) {
                LogProbs at = expected.logProbs().get(i);
                String token = Fixtures.LETTERS.decode(expected.tokens().get(i));
                assertEquals(token, found.get("tokens").get(i).string("?"));
                assertEquals(at.chosen(), number(found.get("token_logprobs").get(i)), 1e-4);
                assertEquals(2, found.get("top_logprobs").get(i).members().size());
                assertEquals(i, found.get("text_offset").get(i).integer(-1));

                Json content = chat.get("logprobs").get("content").get(i);
                assertEquals(text.substring(i, i + 1), content.get("token").string("?"));
                assertEquals(text.charAt(i), content.get("bytes").get(0).integer(-1));
                List<Json> top = content.get("top_logprobs").items();
                assertEquals(3, top.size());
                assertTrue(number(top.get(0).get("logprob")) >= number(content.get("logprob")));
                assertTrue(number(content.get("logprob")) < 0);
            }
        }
    }

    private static double number(Json json) {
        return Double.parseDouble(((Json.Num) json).text());
    }

    @EachEngine
    void rulesForTokensDecide(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            for (String rule :
                    List.of("\"logit_bias\": {\"2\": 100}", "\"allowed_token_ids\": [2]")) {
                Json found =
                        Client.json(
                                Client.of(server)
                                        .post(
                                                "/v1/completions",
                                                "{\"prompt\": \"to\", \"max_tokens\": 4, %s}"
                                                        .formatted(rule)));
                assertEquals(
                        Fixtures.LETTERS.decode(2).repeat(4),
                        found.get("choices").get(0).get("text").string("?"));
            }
            Json first =
                    Client.json(
                            Client.of(server)
                                    .post(
                                            "/v1/chat/completions",
                                            "{\"messages\": [{\"role\": \"user\", \"content\":"
                                                    + " \"a\"}], \"max_tokens\": 4,"
                                                    + " \"forced_bos_token_id\": 7}"));
            String text = first.get("choices").get(0).get("message").get("content").string("?");
            assertEquals(Fixtures.LETTERS.decode(7), text.substring(0, 1));
        }
    }

    @EachEngine
    void streamsHoldTheSameText(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine);
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            String body =
                    "{%s, \"max_tokens\": 20, \"temperature\": 0.7, \"seed\": 3, \"stream\": %s,"
                            + " \"stream_options\": {\"include_usage\": true}}";
            for (String path : List.of("/v1/completions", "/v1/chat/completions")) {
                boolean chat = path.contains("chat");
                String prompt =
                        chat
                                ? "\"messages\": [{\"role\": \"user\", \"content\": \"to be\"}],"
                                        + " \"logprobs\": true, \"top_logprobs\": 2"
                                : "\"prompt\": \"to be\", \"logprobs\": 2";
                Json whole = Client.json(client.post(path, body.formatted(prompt, false)));
                HttpResponse<byte[]> stream = client.post(path, body.formatted(prompt, true));
                assertEquals(
                        "text/event-stream;charset=utf-8",
                        stream.headers()
                                .firstValue("Content-Type")
                                .orElse("")
                                .replace(" ", "")
                                .toLowerCase(Locale.ROOT));
                List<String> events =
                        Client.text(stream)
                                .lines()
                                .filter(line -> !line.isEmpty())
                                .map(line -> line.substring("data: ".length()))
                                .toList();
                assertEquals("[DONE]", events.get(events.size() - 1));
                List<Json> chunks =
                        events.subList(0, events.size() - 1).stream()
                                .map(event -> JsonReader.parse(event, "event"))
                                .toList();
                Json choice = whole.get("choices").get(0);
                for (String part :
                        chat
                                ? List.of("content")
                                : List.of("tokens", "token_logprobs", "text_offset")) {
                    List<String> tokens =
                            choice.get("logprobs").get(part).items().stream()
                                    .map(Json::compact)
                                    .toList();
                    assertEquals(20, tokens.size());
                    assertEquals(
                            tokens,
                            chunks.stream()
                                    .flatMap(chunk -> chunk.get("choices").items().stream())
                                    .map(found -> found.get("logprobs"))
                                    .filter(Json.Obj.class::isInstance)
                                    .flatMap(found -> found.get(part).items().stream())
                                    .map(Json::compact)
                                    .toList());
                }
                assertEquals(
                        chat
                                ? choice.get("message").get("content").string("?")
                                : choice.get("text").string("?"),
                        chunks.stream()
                                .map(chunk -> chunk.get("choices").get(0))
                                .map(
                                        c ->
                                                chat
                                                        ? c.get("delta").get("content").string("")
                                                        : c.get("text").string(""))
                                .collect(Collectors.joining()));
                assertEquals(
                        choice.get("finish_reason").string("?"),
                        chunks.get(chunks.size() - 2)
                                .get("choices")
                                .get(0)
                                .get("finish_reason")
                                .string(""));
                assertEquals(whole.get("usage"), chunks.get(chunks.size() - 1).get("usage"));
                assertTrue(chunks.size() > 5, "one chunk for each piece");
            }
        }
    }

    /** A tokenizer that fails after some calls. */
    private record Failing(Tokenizer letters, AtomicInteger left) implements Tokenizer {
        @Override
        public int vocabulary() {
            return letters.vocabulary();
        }

        @Override
        public int[] encode(String text) {
            return letters.encode(text);
        }

        @Override
        public int[] encodeForModel(String text) {
            return letters.encodeForModel(text);
        }

        @Override
        public String decode(int... ids) {
            if (left.getAndDecrement() <= 0) {
                throw new IllegalStateException("no more texts");
            }
            return letters.decode(ids);
        }

        @Override
        public SpecialTokens special() {
            return letters.special();
        }

        @Override
        public String json() {
            return letters.json();
        }

        @Override
        public void close() {}
    }

    @Test
    void aStreamThatFailsSaysSo() {
        try (Network network = Fixtures.plays(ENGINE);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of(
                                        "tiny",
                                        network,
                                        new Failing(Fixtures.LETTERS, new AtomicInteger(10))),
                                Fixtures.OPTIONS)) {
            String body = "{\"prompt\": \"a\", \"max_tokens\": 50, \"stream\": true}";
            List<String> events =
                    Client.text(Client.of(server).post("/v1/completions", body))
                            .lines()
                            .filter(line -> !line.isEmpty())
                            .toList();
            String error = events.get(events.size() - 2);
            assertTrue(events.size() > 2 && error.contains("internal_error"), events.toString());
            assertEquals("data: [DONE]", events.get(events.size() - 1));
        }
    }

    @EachEngine
    void embeddingsAreTheMeanOfTheTokens(EngineChoice engine) {
        List<String> texts = List.of("ab", "a longer text", "b");
        try (Network network = Fixtures.encoder(engine);
                FeatureExtractor tokens = FeatureExtractor.of(network, "blocks");
                ModelServer server = server(network, Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            Json floats =
                    Client.json(
                            client.post(
                                    "/v1/embeddings",
                                    Json.object("model", "tiny", "input", texts).compact()));
            assertEquals("list", floats.get("object").string(""));
            assertEquals(16, floats.get("usage").get("prompt_tokens").integer(0));
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(mean(tokens, texts.get(i)), vector(floats, i), 1e-5f);
            }
            Json base64 =
                    Client.json(
                            client.post(
                                    "/v1/embeddings",
                                    "{\"input\": \"ab\", \"encoding_format\": \"base64\"}"));
            byte[] bytes =
                    Base64.getDecoder()
                            .decode(base64.get("data").get(0).get("embedding").string(""));
            assertEquals(
                    vector(floats, 0)[1],
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(Float.BYTES),
                    1e-5f);
        }
    }

    @Test
    void embeddingsCountTheTokensThatTheModelReads() {
        try (Network network = Fixtures.encoder(ENGINE)) {
            Prompts prompts = new Prompts(Map.of("passage", "pass: "), "passage");
            network.setMetadata(prompts.on(network.metadata()));
            try (ModelServer server = server(network, Fixtures.OPTIONS)) {
                List<String> texts = List.of("ab", "b".repeat(80));
                Client client = Client.of(server);
                HttpResponse<byte[]> refused =
                        client.post("/v1/embeddings", Json.object("input", texts).compact());
                assertEquals(400, refused.statusCode());
                Json error = JsonReader.parse(Client.text(refused), "response").get("error");
                assertEquals("context_length_exceeded", error.get("code").string(""));
                assertEquals("input", error.get("param").string(""));
                assertEquals(
                        "input[1] must have at most 64 tokens, with its prompt and special tokens,"
                                + " found 86: divide it, or cut its end by \"truncate\": true",
                        error.get("message").string(""));
                String input = Json.object("input", texts, "truncate", true).compact();
                Json found = Client.json(client.post("/v1/embeddings", input));
                // The second text is cut to the 64 tokens that the model reads.
                assertEquals(6 + 2 + 64, found.get("usage").get("prompt_tokens").integer(0));
            }
        }
    }

    private static float[] mean(FeatureExtractor tokens, String text) {
        long[] ids = Arrays.stream(Fixtures.LETTERS.encodeForModel(text)).asLongStream().toArray();
        float[] values = tokens.extract(ids, new Shape(1, ids.length)).get("blocks").values();
        float[] mean = new float[values.length / ids.length];
        for (int i = 0; i < values.length; i++) {
            mean[i % mean.length] += values[i] / ids.length;
        }
        return mean;
    }

    private static float[] vector(Json response, int index) {
        List<Json> values = response.get("data").get(index).get("embedding").items();
        float[] vector = new float[values.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = Float.parseFloat(((Json.Num) values.get(i)).text());
        }
        return vector;
    }

    @Test
    void aFullQueueIsAnErrorOrWaits() {
        for (Batching.WhenFull policy : Batching.WhenFull.values()) {
            Batching one = Batching.DEFAULT.withSize(1).withQueue(1).withWhenFull(policy);
            try (Network network = Fixtures.plays(ENGINE);
                    ModelServer server = server(network, Fixtures.OPTIONS.withBatching(one))) {
                Client client = Client.of(server);
                List<CompletableFuture<HttpResponse<byte[]>>> all =
                        IntStream.range(0, 8)
                                .mapToObj(
                                        i ->
                                                CompletableFuture.supplyAsync(
                                                        () ->
                                                                client.post(
                                                                        "/v1/completions",
                                                                        "{\"prompt\": \"a\","
                                                                                + " \"max_tokens\":"
                                                                                + " 60}"),
                                                        task -> new Thread(task).start()))
                                .toList();
                List<HttpResponse<byte[]>> responses =
                        all.stream().map(CompletableFuture::join).toList();
                long full = responses.stream().filter(r -> r.statusCode() == 429).count();
                long done = responses.stream().filter(r -> r.statusCode() == 200).count();
                assertEquals(8, full + done);
                if (policy == Batching.WhenFull.WAIT) {
                    assertEquals(8, done);
                } else {
                    assertTrue(full > 0 && done > 0, full + " refused, " + done + " answered");
                    HttpResponse<byte[]> refused =
                            responses.stream()
                                    .filter(r -> r.statusCode() == 429)
                                    .findFirst()
                                    .orElseThrow();
                    assertEquals("1", refused.headers().firstValue("Retry-After").orElse(""));
                    assertTrue(Client.text(refused).contains("rate_limit_error"));
                }
            }
        }
    }

    @Test
    void aResultThatTakesTooLongIsAnError() {
        Batching hurry = Batching.DEFAULT.withTimeout(Duration.ofNanos(1));
        try (Network network = Fixtures.plays(ENGINE);
                ModelServer server = server(network, Fixtures.OPTIONS.withBatching(hurry))) {
            HttpResponse<byte[]> late =
                    Client.of(server).post("/v1/completions", "{\"prompt\": \"a\"}");
            assertEquals(503, late.statusCode());
            assertTrue(Client.text(late).contains("timeout"), Client.text(late));
        }
    }

    @Test
    void aServerThatClosesFinishesItsStreams() throws Exception {
        try (Network network = Fixtures.plays(ENGINE)) {
            ModelServer server = server(network, Fixtures.OPTIONS);
            Client client = Client.of(server);
            var response =
                    client.http()
                            .send(
                                    client.request("/v1/completions")
                                            .header("Content-Type", "application/json")
                                            .POST(
                                                    BodyPublishers.ofString(
                                                            "{\"prompt\": \"a\", \"max_tokens\":"
                                                                    + " 150, \"stream\": true}"))
                                            .build(),
                                    BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                assertTrue(lines.readLine().startsWith("data: "));
                CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
                List<String> rest = lines.lines().filter(line -> !line.isEmpty()).toList();
                assertEquals("data: [DONE]", rest.get(rest.size() - 1));
                closing.get(20, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aClientThatLeavesEndsItsText() throws Exception {
        try (Network network = Fixtures.plays(ENGINE);
                ModelServer server =
                        server(
                                network,
                                Fixtures.OPTIONS
                                        .withLimits(Limits.DEFAULT.withNewTokens(1_000_000))
                                        .withBatching(Batching.DEFAULT.withSize(1)))) {
            Client client = Client.of(server);
            var response =
                    client.http()
                            .send(
                                    client.request("/v1/completions")
                                            .header("Content-Type", "application/json")
                                            .POST(
                                                    BodyPublishers.ofString(
                                                            "{\"prompt\": \"a\", \"max_tokens\":"
                                                                + " 1000000, \"stream\": true}"))
                                            .build(),
                                    BodyHandlers.ofInputStream());
            response.body().close();
            // The only place would else be taken for minutes.
            Json next =
                    Client.json(
                            client.post(
                                    "/v1/completions", "{\"prompt\": \"a\", \"max_tokens\": 1}"));
            assertEquals(1, next.get("usage").get("completion_tokens").integer(0));
        }
    }
}
