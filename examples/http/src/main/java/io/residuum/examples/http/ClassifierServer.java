package io.residuum.examples.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.model.Classification;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Serves an image classifier with the HTTP server of the JDK: {@code POST /classify} with the bytes
 * of a picture, {@code GET /health}, {@code GET /metrics} for Prometheus.
 */
public final class ClassifierServer implements AutoCloseable {
    private static final int TOP = 5;
    private static final int BATCH = 32;
    private static final int QUEUE = 256;
    private static final int MAX_BYTES = 16 << 20;
    private static final int SECONDS_TO_FINISH = 2;

    /** The answer to a request. */
    private record Answer(int status, String type, String body) {
        static Answer json(int status, Object body) {
            return new Answer(status, "application/json", Json.of(body).compact());
        }

        static Answer error(int status, String message) {
            return json(status, Map.of("error", message));
        }
    }

    private interface Handler {
        Answer answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExecutorService threads = newThreads();
    private final BatchingClassifier classifier;
    private final HttpServer server;

    /**
     * Starts a server.
     *
     * @param model a saved model or the folder of a run
     * @param port the port; 0 for any that is free
     * @throws IOException if the port is not free
     */
    public ClassifierServer(String model, int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(port), 0);
        classifier = new BatchingClassifier(ImageClassifier.open(model), BATCH, QUEUE, registry);
        new NativeMemory().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        handle("/classify", "POST", this::classify);
        handle("/health", "GET", exchange -> health());
        handle("/metrics", "GET", exchange -> new Answer(200, "text/plain", registry.scrape()));
        server.setExecutor(threads);
        server.start();
    }

    /** {@return the port} */
    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(String path, String method, Handler handler) {
        server.createContext(
                path,
                exchange -> {
                    Timer.Sample sample = Timer.start(registry);
                    Answer answer = answer(exchange, method, handler);
                    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", answer.type());
                    try (exchange) {
                        exchange.sendResponseHeaders(answer.status(), body.length);
                        exchange.getResponseBody().write(body);
                    } finally {
                        String status = String.valueOf(answer.status());
                        sample.stop(
                                registry.timer(
                                        "http.server.requests", "uri", path, "status", status));
                    }
                });
    }

    private static Answer answer(HttpExchange exchange, String method, Handler handler)
            throws IOException {
        if (!exchange.getRequestMethod().equals(method)) {
            return Answer.error(405, "the method must be " + method);
        }
        try {
            return handler.answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.error(503, "the server is stopping");
        }
    }

    private Answer classify(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] picture = exchange.getRequestBody().readNBytes(MAX_BYTES + 1);
        if (picture.length > MAX_BYTES) {
            return Answer.error(413, "a picture may have at most %d bytes".formatted(MAX_BYTES));
        }
        try {
            Classification found = classifier.classify(ImageInput.of(picture)).get();
            return Answer.json(200, Map.of("classes", found.top(TOP)));
        } catch (CancellationException e) {
            return Answer.error(503, "the server is stopping");
        } catch (RejectedExecutionException e) {
            return Answer.error(503, String.valueOf(e.getMessage()));
        } catch (ExecutionException e) {
            return e.getCause() instanceof DataException damaged
                    ? Answer.error(400, String.valueOf(damaged.getMessage()))
                    : Answer.error(500, "the prediction failed: " + e.getCause());
        }
    }

    private Answer health() {
        boolean up = classifier.isRunning();
        return Answer.json(up ? 200 : 503, Map.of("status", up ? "UP" : "DOWN"));
    }

    /** {@return a virtual thread for each request on Java 21 and later, else pooled threads} */
    private static ExecutorService newThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            return Executors.newCachedThreadPool();
        }
    }

    /** Stops taking requests, finishes those that run, and closes the model. */
    @Override
    public void close() {
        server.stop(SECONDS_TO_FINISH);
        threads.shutdown();
        classifier.close();
    }

    /**
     * Starts a server, which ends with Ctrl-C.
     *
     * @param args the model and, optionally, the port (8080)
     * @throws IOException if the port is not free
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: ClassifierServer MODEL [PORT]");
            System.exit(2);
        }
        int port = args.length == 2 ? Integer.parseInt(args[1]) : 8080;
        ClassifierServer server = new ClassifierServer(args[0], port);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("http://localhost:" + server.port() + "/classify");
    }
}
