package io.residuum.hub;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.residuum.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A hub on this machine. It speaks the paths and headers of huggingface.co: weights are redirected
 * to a storage server of another origin, everything else comes directly. Faults can be ordered for
 * the next requests of a path.
 */
public final class FakeHub implements AutoCloseable {
    /** The commit of all repositories. */
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private static final Pattern RESOLVE = Pattern.compile("/(.+)/resolve/([^/]+)/(.+)");
    private static final Pattern MODEL = Pattern.compile("/api/models/(.+)/revision/([^/]+)");
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-");

    /** A request that the server has received. */
    record Request(String path, Headers headers) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.getFirst(name));
        }
    }

    /** Answers one request instead of the hub. */
    interface Fault {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub;
    private final HttpServer storage;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, String> lists = new ConcurrentHashMap<>();
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
    private final Deque<Request> requests = new ConcurrentLinkedDeque<>();
    private final Deque<Request> stored = new ConcurrentLinkedDeque<>();

    public FakeHub() throws IOException {
        hub = start(this::answer, requests);
        storage = start(exchange -> content(exchange, storedFile(exchange), ""), stored);
    }

    private HttpServer start(Fault answer, Deque<Request> log) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    String path = exchange.getRequestURI().getRawPath();
                    log.add(new Request(path, exchange.getRequestHeaders()));
                    // Weights fail at the storage, to which the hub redirects.
                    boolean passes = log == requests && redirects(path);
                    Fault fault = passes ? null : next(lastName(path));
                    try (exchange) {
                        (fault == null ? answer : fault).answer(exchange);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        server.start();
        return server;
    }

    private Fault next(String file) {
        Deque<Fault> ordered = faults.get(file);
        return ordered == null ? null : ordered.poll();
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static boolean redirects(String path) {
        return path.matches(".*\\.(safetensors|bin)") && path.contains("/resolve/");
    }

    /** Puts a file into a repository. */
    public FakeHub put(String repository, String file, byte[] content) {
        files.put(repository + "/" + file, content);
        return this;
    }

    public FakeHub put(String repository, String file, String text) {
        return put(repository, file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with this list of files instead of the true one. */
    FakeHub list(String repository, String json) {
        lists.put(repository, json);
        return this;
    }

    /** Answers the next requests of a file with faults, those of the storage for weights. */
    FakeHub fail(String file, Fault... next) {
        faults.computeIfAbsent(file, f -> new ConcurrentLinkedDeque<>())
                .addAll(Arrays.asList(next));
        return this;
    }

    static Fault status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /** Sends the beginning of a content and closes the connection. */
    static Fault cut(byte[] content, int sent) {
        return exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            OutputStream out = exchange.getResponseBody();
            out.write(content, 0, sent);
            out.flush();
        };
    }

    /** Sends a byte now and then. */
    static Fault trickle(byte[] content, Duration pause) {
        return exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            OutputStream out = exchange.getResponseBody();
            for (int i = 0; i < 50; i++) {
                out.write(content[i]);
                out.flush();
                Thread.sleep(pause.toMillis());
            }
        };
    }

    public URI endpoint() {
        return address(hub);
    }

    URI storage() {
        return address(storage);
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** {@return the requests of a file at the hub, or of the list of a revision} */
    List<Request> requests(String lastName) {
        return requests.stream().filter(r -> lastName(r.path).equals(lastName)).toList();
    }

    /** {@return the requests of a file at the storage} */
    List<Request> stored(String lastName) {
        return stored.stream().filter(r -> lastName(r.path).equals(lastName)).toList();
    }

    /** {@return the number of all requests} */
    public int count() {
        return requests.size() + stored.size();
    }

    /** {@return settings for this hub, with a short time-out and no pause} */
    public HubSettings settings(Path cache) {
        return new HubSettings(
                endpoint(), cache, null, false, Duration.ofSeconds(20), Duration.ofMillis(1));
    }

    private void answer(HttpExchange exchange) throws IOException, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        Matcher model = MODEL.matcher(path);
        Matcher resolve = RESOLVE.matcher(path);
        if (model.matches()) {
            list(exchange, model.group(1));
        } else if (resolve.matches()
                && files.containsKey(resolve.group(1) + "/" + resolve.group(3))) {
            String key = resolve.group(1) + "/" + resolve.group(3);
            file(exchange, key, files.get(key));
        } else if (files.containsKey(path.substring(1))) {
            content(exchange, files.get(path.substring(1)), "");
        } else {
            status(404, "X-Error-Code", "EntryNotFound").answer(exchange);
        }
    }

    private void list(HttpExchange exchange, String repository)
            throws IOException, InterruptedException {
        List<Json> siblings = new ArrayList<>();
        files.forEach(
                (key, content) -> {
                    if (key.startsWith(repository + "/")) {
                        siblings.add(sibling(key.substring(repository.length() + 1), content));
                    }
                });
        String text =
                lists.getOrDefault(
                        repository, Json.object("sha", COMMIT, "siblings", siblings).compact());
        if (siblings.isEmpty() && !lists.containsKey(repository)) {
            status(401, "X-Error-Code", "RepoNotFound").answer(exchange);
            return;
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private static Json sibling(String name, byte[] content) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("rfilename", name);
        entry.put("size", content.length);
        entry.put("blobId", gitBlob(content));
        if (redirects("/resolve/" + name)) {
            entry.put("lfs", Map.of("sha256", sha256(content), "size", content.length));
        }
        return Json.of(entry);
    }

    static String sha256(byte[] content) {
        return Hashing.sha256().hashBytes(content).toString();
    }

    @SuppressWarnings("deprecation")
    private static String gitBlob(byte[] content) {
        return Hashing.sha1()
                .newHasher()
                .putString("blob " + content.length + "\0", StandardCharsets.US_ASCII)
                .putBytes(content)
                .hash()
                .toString();
    }

    private void file(HttpExchange exchange, String key, byte[] content) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("X-Repo-Commit", COMMIT);
        if (!redirects("/resolve/" + key)) {
            content(exchange, content, gitBlob(content));
            return;
        }
        headers.set("X-Linked-Etag", "\"" + sha256(content) + "\"");
        headers.set("X-Linked-Size", String.valueOf(content.length));
        headers.set("Location", storage() + "/" + key + "?Signature=secret");
        exchange.sendResponseHeaders(302, -1);
    }

    private byte[] storedFile(HttpExchange exchange) {
        String path = URLDecoder.decode(exchange.getRequestURI().getPath(), StandardCharsets.UTF_8);
        return files.get(path.substring(1));
    }

    private static void content(HttpExchange exchange, byte[] content, String etag)
            throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", "\"" + (etag.isEmpty() ? "v" + content.length : etag) + "\"");
        String asked = exchange.getRequestHeaders().getFirst("Range");
        Matcher range = RANGE.matcher(asked == null ? "" : asked);
        int start = range.matches() ? Integer.parseInt(range.group(1)) : 0;
        if (start > 0 && start >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (start > 0) {
            headers.set(
                    "Content-Range",
                    "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
        }
        boolean body = !exchange.getRequestMethod().equals("HEAD");
        if (!body) {
            headers.set("Content-Length", String.valueOf(content.length - start));
        }
        exchange.sendResponseHeaders(start > 0 ? 206 : 200, body ? content.length - start : -1);
        if (body) {
            exchange.getResponseBody().write(content, start, content.length - start);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
        threads.shutdownNow();
    }
}
