package io.residuum.serve;

import io.javalin.http.Context;
import io.residuum.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.eclipse.jetty.http.HttpException;

/** Reads bodies up to the limit, and writes responses. */
final class Exchange {
    static final String JSON = "application/json";

    /** The bytes that are read of a body that is too large: 1 MiB. */
    private static final int MOST_DISCARDED = 1 << 20;

    private Exchange() {}

    /** Returns the type of the body without parameters, in lower case; empty if it is missing. */
    static String type(Context ctx) {
        String type = ctx.contentType();
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** Reads the body, whose length need not be declared. */
    static byte[] body(Context ctx, Limits limits) {
        requireSize(ctx.req().getContentLengthLong(), limits);
        byte[] body;
        try {
            InputStream in = ctx.req().getInputStream();
            body = in.readNBytes(limits.bodyBytes() + 1);
        } catch (IOException | HttpException.RuntimeException e) {
            throw ApiException.of(
                    ApiException.BAD_REQUEST,
                    "incomplete_body",
                    "the body must be complete, found its end or a damaged part");
        }
        requireSize(body.length, limits);
        return body;
    }

    /**
     * Reads more of a body that is too large. A connection that closes while the client sends is
     * reset, and the client may lose the response.
     */
    private static void discard(Context ctx) {
        byte[] buffer = new byte[1 << 14];
        try {
            InputStream in = ctx.req().getInputStream();
            int read = 0;
            for (int total = 0; total < MOST_DISCARDED && read >= 0; total += read) {
                read = in.read(buffer);
            }
        } catch (IOException | HttpException.RuntimeException | IllegalStateException e) {
            // The response says what is wrong.
        }
    }

    static void requireSize(long bytes, Limits limits) {
        if (bytes > limits.bodyBytes()) {
            throw ApiException.of(
                    ApiException.TOO_LARGE,
                    "body_too_large",
                    "a body must have at most %d bytes, found more",
                    limits.bodyBytes());
        }
    }

    /** Reads a JSON object. */
    static Fields json(Context ctx, Limits limits) {
        if (!type(ctx).equals(JSON)) {
            throw unsupported(ctx, JSON);
        }
        return Fields.parse(body(ctx, limits));
    }

    static ApiException unsupported(Context ctx, String accepted) {
        return ApiException.of(
                ApiException.UNSUPPORTED_TYPE,
                "unsupported_type",
                "the Content-Type must be %s, found %s",
                accepted,
                type(ctx).isEmpty() ? "none" : type(ctx));
    }

    static void send(Context ctx, Json json) throws IOException {
        send(ctx, JSON, json.compact().getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a complete response, so that a server that stops does not cut it. */
    static void send(Context ctx, String type, byte[] body) throws IOException {
        ctx.contentType(type);
        ctx.res().setContentLength(body.length);
        OutputStream out = ctx.res().getOutputStream();
        out.write(body);
        out.flush();
    }

    /** Writes an error, unless a part of the response is already sent. */
    static void fail(Context ctx, ApiException e) throws IOException {
        if (ctx.res().isCommitted()) {
            return;
        }
        if (e.status() == ApiException.TOO_LARGE) {
            discard(ctx);
        }
        ctx.status(e.status());
        if (e.status() == ApiException.TOO_MANY || e.status() == ApiException.UNAVAILABLE) {
            ctx.header("Retry-After", "1");
        }
        if (e.status() < ApiException.INTERNAL && e.status() != ApiException.TOO_MANY) {
            // The rest of the body may be unread.
            ctx.header("Connection", "close");
        }
        send(ctx, JSON, e.json().getBytes(StandardCharsets.UTF_8));
    }
}
