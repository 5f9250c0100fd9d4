package io.residuum.serve;

import ai.djl.ndarray.types.DataType;
import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;
import io.residuum.transformer.generate.ChatFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a server.
 *
 * @param host the address to listen on; {@code 0.0.0.0} for all networks
 * @param port the port; 0 for a free one
 * @param batching how requests share forward passes
 * @param limits what a request may ask for
 * @param chat the text form of a chat; null for the model's template, or without one for the form
 *     that the tokenizer's special tokens show
 * @param cacheType the type of KV caches: float32, or float16 for half the memory
 * @param shutdown the longest time that requests get to finish when the server closes
 */
@WithBuilder
public record ServeOptions(
        String host,
        int port,
        Batching batching,
        Limits limits,
        @Nullable ChatFormat chat,
        DataType cacheType,
        Duration shutdown)
        implements ServeOptionsBuilder.With {

    /** Listens on port 8080 of this machine only. */
    public static final ServeOptions DEFAULT =
            new ServeOptions(
                    "127.0.0.1",
                    8080,
                    Batching.DEFAULT,
                    Limits.DEFAULT,
                    null,
                    DataType.FLOAT32,
                    Duration.ofSeconds(30));

    public ServeOptions {
        Check.that(port >= 0 && port <= 0xffff, "port must be in [0, 65535], got %s", port);
    }
}
