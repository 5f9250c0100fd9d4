package io.residuum.serve;

import com.google.common.base.Throwables;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.config.SizeUnit;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.residuum.files.JarText;
import io.residuum.json.Json;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.EofException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a model over HTTP until it is closed: predictions for images, texts and tensors,
 * embeddings, completions and chat in OpenAI's format, metrics for Prometheus, and a page at {@code
 * /}.
 *
 * <pre>{@code
 * try (ServedModel model = ServedModel.open("runs/first");
 *         ModelServer server = ModelServer.start(model, ServeOptions.DEFAULT)) {
 *     System.out.println(server.url());
 *     Thread.currentThread().join();
 * }
 * }</pre>
 */
public final class ModelServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
    private static final int VIRTUAL_THREADS = 21;
    private static final long POLL_MILLIS = 10;
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
                    + " connect-src 'self'";

    private final ServedModel model;
    private final ServeOptions options;
    private final ServerMetrics metrics = new ServerMetrics();
    private final long created = Instant.now().getEpochSecond();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Tasks tasks;
    private final Javalin http;

    private ModelServer(ServedModel model, ServeOptions options) {
        this.model = model;
        this.options = options;
        this.tasks = new Tasks(model, options, metrics.registry());
        this.http = Javalin.create(this::configure);
    }

    /**
     * Starts a server.
     *
     * @param model the model; the caller closes it after the server
     * @param options the settings
     * @return a running server, to be closed by the caller
     * @throws ServeException if the address is not of this machine, or the port is taken
     */
    public static ModelServer start(ServedModel model, ServeOptions options) {
        ModelServer server = new ModelServer(model, options);
        try {
            server.http.start();
            return server;
        } catch (RuntimeException e) {
            server.tasks.close();
            server.metrics.close();
            throw new ServeException(
                    "a server must listen on an address of this machine and a free port, but %s:%d cannot be used: %s; choose others with --host and --port"
                            .formatted(options.host(), options.port(), reason(e)),
                    e);
        }
    }

    /** Javalin says of any address that its port is taken. */
    private static @Nullable String reason(RuntimeException e) {
        Throwable cause = Throwables.getRootCause(e);
        return cause instanceof UnresolvedAddressException
                ? "the host is unknown"
                : cause.getMessage();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.jetty.host = options.host();
        config.jetty.port = options.port();
        config.jetty.modifyServer(server -> server.setErrorHandler(new JsonErrorHandler()));
        int limit = options.limits().bodyBytes();
        config.jetty.multipartConfig.maxTotalRequestSize(limit, SizeUnit.BYTES);
        config.jetty.multipartConfig.maxFileSize(limit, SizeUnit.BYTES);
        config.jetty.multipartConfig.maxInMemoryFileSize(limit, SizeUnit.BYTES);
        config.http.maxRequestSize = limit;
        config.http.prefer405over404 = true;
        // Streams must not be collected for compression.
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.concurrency.useVirtualThreads = Runtime.version().feature() >= VIRTUAL_THREADS;
        config.routes.exception(
                HttpResponseException.class,
                (e, ctx) ->
                        respond(
                                ctx,
                                ApiException.of(
                                        e.getStatus(),
                                        "invalid_request",
                                        "%s %s: %s",
                                        ctx.method(),
                                        ctx.path(),
                                        String.valueOf(e.getMessage()))));
        PredictApi predict = new PredictApi(model, tasks, options.limits());
        CompletionApi completion = new CompletionApi(model, tasks, options, predict);
        EmbeddingApi embedding = new EmbeddingApi(model, tasks, options.limits(), predict);
        post(config, "/v1/predict", predict::predict);
        post(config, "/v1/explain", predict::explain);
        post(config, "/v1/embeddings", embedding::embed);
        post(config, "/v1/completions", completion::complete);
        post(config, "/v1/chat/completions", completion::chat);
        config.routes.get("/v1/models", ctx -> Exchange.send(ctx, models()));
        config.routes.get("/v1/models/{name}", this::describe);
        config.routes.get("/health", ctx -> Exchange.send(ctx, Json.object("status", "up")));
        config.routes.get("/ready", this::ready);
        config.routes.get(
                "/metrics",
                ctx ->
                        Exchange.send(
                                ctx,
                                ServerMetrics.TYPE,
                                metrics.registry().scrape().getBytes(StandardCharsets.UTF_8)));
        page(config, "/", "page.html", "text/html; charset=utf-8");
        page(config, "/page.js", "page.js", "text/javascript; charset=utf-8");
        page(config, "/page.css", "page.css", "text/css; charset=utf-8");
    }

    private static void page(JavalinConfig config, String path, String resource, String type) {
        byte[] content = JarText.read(ModelServer.class, resource).getBytes(StandardCharsets.UTF_8);
        config.routes.get(
                path,
                ctx -> {
                    ctx.header("Content-Security-Policy", POLICY);
                    ctx.header("X-Content-Type-Options", "nosniff");
                    Exchange.send(ctx, type, content);
                });
    }

    /** Adds a route that computes: it is measured, and finishes before the server stops. */
    private void post(JavalinConfig config, String route, Handler handler) {
        config.routes.post(
                route,
                ctx -> {
                    Timer.Sample time = metrics.start();
                    running.incrementAndGet();
                    try {
                        if (stopping.get()) {
                            throw Batcher.stopping();
                        }
                        handler.handle(ctx);
                    } catch (Exception e) {
                        fail(ctx, e);
                    } finally {
                        running.decrementAndGet();
                        metrics.stop(time, route, ctx.statusCode());
                    }
                });
    }

    private static void fail(Context ctx, Exception e) {
        if (e instanceof EofException) {
            LOG.debug("the client of {} is gone", ctx.path());
        } else {
            respond(ctx, ApiException.of(ctx.path(), e));
        }
    }

    private static void respond(Context ctx, ApiException e) {
        try {
            Exchange.fail(ctx, e);
        } catch (IOException gone) {
            LOG.debug("the client of {} is gone", ctx.path());
        }
    }

    private Json models() {
        return Json.object("object", "list", "data", List.of(description()));
    }

    private Json description() {
        return Json.object(
                "id",
                model.name(),
                "object",
                "model",
                "created",
                created,
                "owned_by",
                "residuum",
                "tasks",
                tasks.names());
    }

    private void describe(Context ctx) throws IOException {
        if (ctx.pathParam("name").equals(model.name())) {
            Exchange.send(ctx, description());
        } else {
            respond(
                    ctx,
                    ApiException.of(
                            ApiException.NOT_FOUND,
                            "model_not_found",
                            "the model must be %s, found %s",
                            model.name(),
                            ctx.pathParam("name")));
        }
    }

    private void ready(Context ctx) throws IOException {
        if (stopping.get()) {
            respond(ctx, Batcher.stopping());
        } else {
            Exchange.send(ctx, Json.object("status", "ready"));
        }
    }

    /** {@return the port, also if a free one was asked for} */
    public int port() {
        return http.port();
    }

    /** {@return the address of the page, for instance {@code http://127.0.0.1:8080}} */
    public String url() {
        return "http://" + options.host() + ":" + port();
    }

    /** {@return the kinds of requests that the model answers, for instance images and tensors} */
    public List<String> tasks() {
        return tasks.names();
    }

    /** {@return the registry, for metrics of the caller} */
    public MeterRegistry metrics() {
        return metrics.registry();
    }

    /**
     * Stops the server: refuses new requests by status 503, waits for running ones up to the
     * shutdown time, and frees the port.
     */
    @Override
    public void close() {
        if (stopping.getAndSet(true)) {
            return;
        }
        long end = System.nanoTime() + options.shutdown().toNanos();
        try {
            while (running.get() > 0 && System.nanoTime() < end) {
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.stop();
        tasks.close();
        metrics.close();
    }
}
