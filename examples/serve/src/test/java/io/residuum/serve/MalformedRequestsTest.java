package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sends what clients do wrong: each answer is a status of 4xx in one JSON form. */
class MalformedRequestsTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String EMBEDDINGS = "/v1/embeddings";
    private static final String PREDICT = "/v1/predict";
    private static final String EXPLAIN = "/v1/explain";
    private static final String TENSORS = "\"shape\": [1, 3, 8, 8], \"values\": ";

    /** Requests that are right but for what a test adds, as members of an object. */
    private static final Map<String, String> RIGHT =
            Map.of(
                    COMPLETIONS,
                    "\"prompt\": \"a\", \"max_tokens\": 1",
                    CHAT,
                    "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": 1",
                    EMBEDDINGS,
                    "\"input\": \"a\"",
                    PREDICT,
                    "\"images\": [\"%s\"]"
                            .formatted(Base64.getEncoder().encodeToString(Fixtures.png(1))));

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static ModelServer pictures;
    private static final Map<String, Client> CLIENTS = new LinkedHashMap<>();

    private final List<String> problems = new ArrayList<>();
    private int sent;

    @BeforeAll
    static void start() {
        EngineChoice engine = Engines.all().get(0);
        ServeOptions options =
                Fixtures.OPTIONS.withLimits(
                        Limits.DEFAULT.withBodyBytes(100_000).withImagePixels(1000));
        pictures = start(Fixtures.images(engine), options);
        CLIENTS.put(PREDICT, Client.of(pictures));
        CLIENTS.put(EXPLAIN, Client.of(pictures));
        Client plays = Client.of(start(Fixtures.plays(engine), options));
        CLIENTS.put(COMPLETIONS, plays);
        CLIENTS.put(CHAT, plays);
        CLIENTS.put(EMBEDDINGS, Client.of(start(Fixtures.encoder(engine), options)));
    }

    private static ModelServer start(Network network, ServeOptions options) {
        OPEN.add(0, network);
        ModelServer server =
                ModelServer.start(ServedModel.of("tiny", network, Fixtures.LETTERS), options);
        OPEN.add(0, server);
        return server;
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN) {
            open.close();
        }
    }

    private static Client client(String path) {
        return CLIENTS.get(path);
    }

    /** Checks one answer, and collects what is wrong so that a run shows all of it. */
    private void check(String what, int status, String type, String body, int... accepted) {
        sent++;
        boolean fits =
                accepted.length == 0
                        ? status >= 400 && status < 500
                        : Arrays.stream(accepted).anyMatch(s -> s == status);
        if (!fits || !type.startsWith("application/json")) {
            problems.add("%s: %d %s %s".formatted(what, status, type, body));
            return;
        }
        try {
            Json error = JsonReader.parse(body, "error").get("error");
            boolean whole =
                    !error.get("message").string("").isBlank()
                            && !error.get("code").string("").isEmpty()
                            && error.get("type").string("").endsWith("_error")
                            && error.members().containsKey("param");
            // Nobody outside learns of files and classes of the server.
            boolean leaks = body.contains("/tmp/") || body.contains("java.");
            if (!whole || leaks) {
                problems.add(what + ": " + body);
            }
        } catch (JsonException e) {
            problems.add(what + ": " + body);
        }
    }

    private void check(String what, HttpResponse<byte[]> response, int... accepted) {
        check(
                what,
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse("none"),
                Client.text(response),
                accepted);
    }

    private void json(String path, String body) {
        check(path + " " + body, client(path).post(path, body));
    }

    private void member(String path, String key, String... values) {
        for (String value : values) {
            String right = RIGHT.get(path);
            String member = "\"%s\": %s".formatted(key, value);
            boolean replaces = right.startsWith("\"" + key + "\"");
            json(path, "{" + (replaces ? "" : right + ", ") + member + "}");
        }
    }

    private void assertAll(int least) {
        assertEquals("", String.join("\n", problems), problems.size() + " of " + sent);
        assertTrue(sent >= least, sent + " requests");
    }

    @Test
    void rightRequestsAreAnswered() {
        RIGHT.forEach(
                (path, members) ->
                        assertEquals(
                                200,
                                client(path).post(path, "{" + members + "}").statusCode(),
                                path));
    }

    @Test
    void bodiesThatAreNoJsonObject() {
        List<String> bodies =
                List.of(
                        "",
                        " ",
                        "{",
                        "}",
                        "[]",
                        "[{}]",
                        "1",
                        "null",
                        "true",
                        "\"x\"",
                        "{\"a\":}",
                        "{'a': 1}",
                        "{a: 1}",
                        "{\"a\": 1,}",
                        "{\"a\": 01}",
                        "{\"a\": NaN}",
                        "{\"a\": \"\\x\"}",
                        "{\"a\": \"\n\"}",
                        "{\"unknown\": 1}",
                        "{}");
        for (String path : RIGHT.keySet()) {
            bodies.forEach(body -> json(path, body));
            String right = RIGHT.get(path);
            json(path, "{" + right + "} {");
            json(path, "{" + right + ", " + right + "}");
            json(path, "{" + right + ", \"unknown\": 1}");
            json(path, "{\"a\": " + "[".repeat(5000) + "]".repeat(5000) + "}");
            json(path, "{\"a\": 1" + "0".repeat(5000) + "}");
            byte[] latin = "{\"prompt\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
            check(path + " Latin-1", client(path).post(path, "application/json", latin));
            check(
                    path + " too large",
                    client(path).post(path, "application/json", new byte[100_001]),
                    413);
            check(
                    path + " too large, of unknown length",
                    client(path)
                            .send(
                                    client(path)
                                            .request(path)
                                            .header("Content-Type", "application/json")
                                            .POST(
                                                    BodyPublishers.fromPublisher(
                                                            BodyPublishers.ofByteArray(
                                                                    new byte[100_001])))),
                    413);
        }
        assertAll(100);
    }

    @Test
    void typesOfBodies() {
        for (String path : RIGHT.keySet()) {
            for (String type :
                    List.of(
                            "",
                            "x",
                            "/",
                            "text/html",
                            "application/xml",
                            "application/x-www-form-urlencoded",
                            "multipart/form-data",
                            "multipart/form-data; boundary=edge",
                            "application/vnd.safetensors",
                            "text/plain")) {
                check(path + " " + type, client(path).post(path, type, new byte[] {'a'}));
            }
        }
        assertAll(40);
    }

    @Test
    void membersOfCompletions() {
        member(
                COMPLETIONS,
                "prompt",
                "1",
                "true",
                "{}",
                "[]",
                "[1.5]",
                "[-1]",
                "[99]",
                "[1, \"a\"]",
                "[[]]",
                "[[1], 2]",
                "[[1], \"a\"]",
                "[\"a\", 1]",
                "\"" + "a".repeat(65) + "\"",
                strings(65));
        for (String path : List.of(COMPLETIONS, CHAT)) {
            member(path, "model", "\"other\"", "\"\"", "1", "{}", "[\"tiny\"]");
            member(
                    path,
                    "max_completion_tokens",
                    "0",
                    "-1",
                    "1.5",
                    "1e2",
                    "\"1\"",
                    "true",
                    "[1]",
                    "4097",
                    "99999999999");
            member(path, "temperature", "-0.1", "\"x\"", "101", "true", "[]", "{}", "1e999");
            member(path, "top_p", "0", "-1", "1.1", "\"1\"", "{}");
            member(path, "top_k", "-1", "0.5", "\"x\"", "3000000000");
            member(path, "min_p", "-1", "2", "true");
            member(path, "repetition_penalty", "0", "-1", "\"x\"");
            member(path, "logit_bias", "1", "[]", "{\"x\": 1}", "{\"1\": 101}", "{\"99\": 1}");
            member(path, "allowed_token_ids", "1", "[]", "[-1]", "[\"a\"]", "[1.5]", "[99]");
            member(path, "seed", "1.5", "\"x\"", "1e30", "99999999999999999999");
            member(path, "stop", "1", "[1]", "\"\"", "[\"\"]", "{}", "[\"a\", null]");
            member(path, "stream", "1", "\"true\"", "[]", "{}");
            member(path, "stream_options", "1", "true", "{\"x\": 1}", "{\"include_usage\": 1}");
            member(path, "n", "65", "0", "\"x\"", "1.5");
            member(path, "best_of", "2", "0");
            member(path, "forced_bos_token_id", "-1", "99", "\"a\"", "[1]");
            member(path, "presence_penalty", "2.1", "\"x\"");
            member(path, "frequency_penalty", "-2.1", "[]");
            member(path, "logprobs", "\"x\"", "21");
            member(path, "tools", "[]");
            member(path, "user", "1", "{}");
        }
        member(COMPLETIONS, "logprobs", "6", "-1", "true");
        member(COMPLETIONS, "echo", "1", "\"true\"", "[]");
        member(COMPLETIONS, "suffix", "\"a\"");
        member(CHAT, "logprobs", "1");
        member(CHAT, "top_logprobs", "1", "21", "\"x\"");
        member(
                CHAT,
                "messages",
                "1",
                "\"x\"",
                "{}",
                "[]",
                "[1]",
                "[null]",
                "[{}]",
                "[[]]",
                "[{\"role\": \"user\"}]",
                "[{\"content\": \"a\"}]",
                "[{\"role\": \"user\", \"content\": 1}]",
                "[{\"role\": \"user\", \"content\": {}}]",
                "[{\"role\": \"user\", \"content\": [1]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}]",
                "[{\"role\": \"tool\", \"content\": \"a\"}]",
                "[{\"role\": 1, \"content\": \"a\"}]",
                "[{\"role\": \"user\", \"content\": \"a\", \"x\": 1}]",
                "[{\"role\": \"user\", \"content\": \"" + "a".repeat(100) + "\"}]");
        assertAll(130);
    }

    private static String strings(int count) {
        return "[" + "\"a\", ".repeat(count - 1) + "\"a\"]";
    }

    @Test
    void membersOfEmbeddings() {
        member(
                EMBEDDINGS,
                "input",
                "1",
                "true",
                "{}",
                "[]",
                "[1]",
                "[[1]]",
                "[\"a\", 1]",
                "null",
                strings(65));
        member(EMBEDDINGS, "encoding_format", "\"x\"", "1", "{}", "\"FLOAT\"");
        member(EMBEDDINGS, "model", "\"other\"", "1");
        member(EMBEDDINGS, "dimensions", "2");
        member(EMBEDDINGS, "truncate", "1", "\"END\"");
        check("no embeddings", client(CHAT).post(EMBEDDINGS, "{\"input\": \"a\"}"), 400);
        check("no completions", client(PREDICT).post(COMPLETIONS, "{\"prompt\": \"a\"}"), 400);
        assertAll(17);
    }

    @Test
    void membersOfPredictions() {
        String base64 = Base64.getEncoder().encodeToString(Arrays.copyOf(Fixtures.png(1), 60));
        member(
                PREDICT,
                "images",
                "1",
                "true",
                "{}",
                "[]",
                "[1]",
                "\"\"",
                "\"?\"",
                "\"YQ\"",
                "[\"YQ==\"]",
                "\"data:image/png;base64,\"",
                "\"data:image/png,YQ==\"",
                "\"https://example.com/a.png\"",
                "\"" + base64 + "\"",
                strings(65));
        member(PREDICT, "top", "0", "-1", "1.5", "\"x\"", "true", "99999999999");
        member(PREDICT, "texts", "\"a\"", "1", "[\"a\"]");
        member(PREDICT, "tensors", "{}");
        member(PREDICT, "model", "\"other\"");
        json(PREDICT, "{\"texts\": \"a\"}");
        json(PREDICT, "{\"texts\": []}");
        for (String tensors :
                List.of(
                        "1",
                        "[]",
                        "{}",
                        "{\"input\": 1}",
                        "{\"input\": {}}",
                        "{\"input\": {\"shape\": [1, 3, 8, 8]}}",
                        "{\"input\": {\"values\": [1]}}",
                        "{\"input\": {" + TENSORS + "[]}}",
                        "{\"input\": {" + TENSORS + "[1]}}",
                        "{\"input\": {" + TENSORS + "[\"1\"]}}",
                        "{\"input\": {" + TENSORS + "[[1]]}}",
                        "{\"input\": {" + TENSORS + "1}}",
                        "{\"input\": {\"shape\": [1], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [0, 3, 8, 8], \"values\": []}}",
                        "{\"input\": {\"shape\": [-1, 3, 8, 8], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [1.5], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [\"1\"], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [4611686018427387904, 4], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [1, 1, 1, 1], \"values\": [1]}}",
                        "{\"input\": {\"shape\": [1, 3, 1, 1], \"values\": [1, 2, 3]}}",
                        "{\"input\": {\"shape\": [1], \"values\": [1], \"type\": \"int8\"}}",
                        "{\"input\": {\"shape\": [1], \"values\": [1], \"x\": 1}}",
                        "{\"input\": {\"shape\": [1], \"values\": [1.5], \"type\": \"int64\"}}",
                        "{\"other\": {\"shape\": [1], \"values\": [1]}}",
                        "{\"__metadata__\": {\"shape\": [1], \"values\": [1]}}")) {
            json(PREDICT, "{\"tensors\": " + tensors + "}");
        }
        assertAll(45);
    }

    @Test
    void picturesAndFilesOfTensors() {
        byte[] png = Fixtures.png(1);
        for (String path : List.of(PREDICT, EXPLAIN)) {
            for (int length = 0; length < png.length; length += Math.max(1, png.length / 12)) {
                check(
                        path + " of " + length + " bytes",
                        client(path).post(path, "image/png", Arrays.copyOf(png, length)));
            }
            for (String text : List.of("text", "GIF89a", "<svg/>", "%PDF-1.4", "BM", "II*\0")) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                check(path + " " + text, client(path).post(path, "image/gif", bytes));
            }
            // The header says 65535 x 65535.
            byte[] huge = png.clone();
            Arrays.fill(huge, 18, 20, (byte) 0xff);
            Arrays.fill(huge, 22, 24, (byte) 0xff);
            check(path + " huge", client(path).post(path, "image/png", huge));
            check(
                    path + " no body",
                    client(path).send(client(path).request(path).POST(BodyPublishers.noBody())));
        }
        for (String top : List.of("0", "-1", "x", "", "1.5", "99999999999")) {
            String path = PREDICT + "?top=" + top;
            check(path, client(PREDICT).post(path, "image/png", png));
        }
        for (String file :
                List.of("", "12345678", "\10\0\0\0\0\0\0\0{}      ", "\377".repeat(20))) {
            check(
                    "tensors " + file,
                    client(PREDICT)
                            .post(
                                    PREDICT,
                                    "application/vnd.safetensors",
                                    file.getBytes(StandardCharsets.ISO_8859_1)));
        }
        for (String form :
                List.of(
                        "",
                        "--edge",
                        "--edge--",
                        "--edge\r\n\r\n",
                        "--edge\r\n"
                                + "Content-Disposition: form-data; name=\"a\"\r\n\r\n"
                                + "x\r\n"
                                + "--edge--\r\n",
                        "--edge\r\n"
                            + "Content-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n"
                            + "x\r\n"
                            + "--edge--\r\n",
                        "--edge\r\n"
                                + "Content-Disposition: form-data; name=\"a\";"
                                + " filename=\"a\"\r\n\r\n"
                                + "x")) {
            check(
                    "form " + form,
                    client(PREDICT)
                            .post(
                                    PREDICT,
                                    "multipart/form-data; boundary=edge",
                                    form.getBytes(StandardCharsets.UTF_8)));
        }
        assertAll(50);
    }

    @Test
    void pathsAndMethods() {
        Client client = client(PREDICT);
        for (String path : RIGHT.keySet()) {
            for (String method : List.of("GET", "PUT", "DELETE", "PATCH")) {
                check(
                        method + " " + path,
                        client.send(client.request(path).method(method, BodyPublishers.noBody())),
                        405);
            }
        }
        for (String path :
                List.of(
                        "/v1",
                        "/v1/",
                        "/v2/predict",
                        "/predict",
                        "/v1/predict/x",
                        "/v1/models/other",
                        "/v1/models/tiny/x",
                        "/page.html",
                        "/../etc/passwd",
                        "/%2e%2e/etc/passwd",
                        "/v1//predict",
                        "/metrics/x",
                        "/favicon.ico")) {
            check(path, client.send(client.request(path)));
        }
        for (String path : List.of("/", "/health", "/ready", "/metrics", "/v1/models")) {
            check("POST " + path, client.post(path, "{}"), 405);
        }
        assertAll(30);
    }

    @Test
    void whatIsNoHttp() throws IOException {
        String post = "POST /v1/predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
        for (String raw :
                List.of(
                        "hello\r\n\r\n",
                        "GET\r\n\r\n",
                        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                        "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(20_000) + "\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
                        post + "Content-Length: x\r\n\r\n",
                        post + "Content-Length: -1\r\n\r\n",
                        post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
                        post
                                + "Content-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "zz\r\n\r\n",
                        post + "Content-Length: 999999999999\r\n\r\n")) {
            try (Socket socket = new Socket("127.0.0.1", pictures.port())) {
                socket.getOutputStream().write(raw.getBytes(StandardCharsets.UTF_8));
                String answer =
                        new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertFalse(answer.isEmpty(), raw);
                String[] parts = answer.split("\r\n\r\n", 2);
                check(
                        raw.length() > 100 ? raw.substring(0, 100) : raw,
                        Integer.parseInt(answer.split(" ")[1]),
                        parts[0].contains("application/json") ? "application/json" : parts[0],
                        parts[1].replaceFirst("^[0-9a-fA-F]+\r\n", "")
                                .replaceFirst("\r\n0\r\n.*", ""));
            }
        }
        assertAll(10);
    }
}
