package io.residuum.serve;

import io.javalin.http.Context;
import io.residuum.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A response as server-sent events, each of them sent at once. */
final class EventStream {
    private final OutputStream out;

    EventStream(Context ctx) throws IOException {
        ctx.contentType("text/event-stream; charset=utf-8");
        ctx.header("Cache-Control", "no-cache");
        // Proxies such as nginx otherwise collect a response before they pass it on.
        ctx.header("X-Accel-Buffering", "no");
        this.out = ctx.res().getOutputStream();
    }

    void send(Json json) throws IOException {
        send(json.compact());
    }

    /**
     * Sends an error after the first events, when the status is already sent, and ends the stream.
     */
    void fail(ApiException e) throws IOException {
        send(e.json());
        end();
    }

    /** Sends the event that ends a stream of OpenAI's format, and completes the response. */
    void end() throws IOException {
        send("[DONE]");
        out.close();
    }

    private void send(String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
