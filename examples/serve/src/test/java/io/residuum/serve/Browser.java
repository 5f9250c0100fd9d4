package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final int SECONDS = 60;

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int sent;

    private Browser(Process process, URI page, HttpClient http) {
        this.process = process;
        this.socket =
                http.newWebSocketBuilder()
                        .buildAsync(page, new Listener())
                        .orTimeout(SECONDS, TimeUnit.SECONDS)
                        .join();
    }

    /** Returns the program, if it is installed. */
    static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(
                        folder ->
                                Stream.of("chromium", "chromium-browser", "google-chrome")
                                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Opens a page. */
    static Browser open(Path program, String url, Path profile)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                url)
                        .redirectErrorStream(true)
                        .redirectOutput(profile.resolve("log").toFile())
                        .start();
        try {
            HttpClient http = HttpClient.newHttpClient();
            return new Browser(process, page(profile, url, http), http);
        } catch (RuntimeException | IOException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI page(Path profile, String url, HttpClient http)
            throws IOException, InterruptedException {
        Path port = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < SECONDS * 10; i++) {
            if (Files.exists(port) && !Files.readAllLines(port).isEmpty()) {
                URI list =
                        URI.create("http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json");
                String pages =
                        http.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString())
                                .body();
                for (Json page : JsonReader.parse(pages, "pages").items()) {
                    if (page.get("url").string("").startsWith(url)) {
                        return URI.create(page.get("webSocketDebuggerUrl").string(""));
                    }
                }
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException(
                "the browser opened no page: " + Files.readString(profile.resolve("log")));
    }

    /** Runs a script, and returns its value as text. */
    String run(String script) throws InterruptedException {
        int id = ++sent;
        Json parameters =
                Json.object("expression", script, "awaitPromise", true, "returnByValue", true);
        socket.sendText(
                        Json.object("id", id, "method", "Runtime.evaluate", "params", parameters)
                                .compact(),
                        true)
                .join();
        while (true) {
            String text = answers.poll(SECONDS, TimeUnit.SECONDS);
            if (text == null) {
                throw new IllegalStateException("no answer to " + script);
            }
            Json answer = JsonReader.parse(text, "answer");
            if (answer.get("id").integer(0) == id) {
                Json result = answer.get("result");
                if (result.members().containsKey("exceptionDetails")) {
                    throw new IllegalStateException(text);
                }
                return result.get("result").get("value").string("");
            }
        }
    }

    /** Waits until a condition is true. */
    void await(String condition) throws InterruptedException {
        String value = "";
        for (int i = 0; i < SECONDS * 20 && !value.equals("true"); i++) {
            value = run("String(" + condition + ")");
            Thread.sleep(50);
        }
        if (!value.equals("true")) {
            throw new IllegalStateException(
                    condition + " is " + value + ": " + run("document.body.innerText"));
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.destroy();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                answers.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }
}
