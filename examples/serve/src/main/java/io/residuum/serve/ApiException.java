package io.residuum.serve;

import io.residuum.ResiduumException;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.spec.SpecException;
import io.residuum.weights.WeightsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that cannot be answered. Its JSON is that of OpenAI's errors, for every path of the
 * server.
 */
final class ApiException extends ResiduumException {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ApiException.class);

    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int TOO_LARGE = 413;
    static final int UNSUPPORTED_TYPE = 415;
    static final int TOO_MANY = 429;
    static final int INTERNAL = 500;
    static final int UNAVAILABLE = 503;

    private final int status;
    private final String code;
    private final @Nullable String param;

    private ApiException(int status, String code, @Nullable String param, String message) {
        super(message, null);
        this.status = status;
        this.code = code;
        this.param = param;
    }

    static ApiException of(int status, String code, String format, Object... args) {
        return new ApiException(status, code, null, format.formatted(args));
    }

    /** Returns the message of an exception for the client; the log has the rest. */
    static ApiException of(String path, Exception e) {
        if (e instanceof ApiException known) {
            return known;
        }
        if (e instanceof DataException
                || e instanceof SpecException
                || e instanceof JsonException
                || e instanceof WeightsException) {
            return of(BAD_REQUEST, "invalid_request", "%s", String.valueOf(e.getMessage()));
        }
        LOG.error("{} failed", path, e);
        return of(INTERNAL, "internal_error", "the server failed; its log says why");
    }

    /** Returns an error of a value in the body. */
    static ApiException invalid(String param, String format, Object... args) {
        return new ApiException(BAD_REQUEST, "invalid_value", param, format.formatted(args));
    }

    /** Returns the error of a text with more tokens than the model reads. */
    static ApiException tooLong(String param, int index, int limit, int tokens) {
        return new ApiException(
                BAD_REQUEST,
                "context_length_exceeded",
                param,
                ("%s[%d] must have at most %d tokens, with its prompt and special tokens, found %d:"
                                + " divide it, or cut its end by \"%s\": true")
                        .formatted(param, index, limit, tokens, PredictApi.TRUNCATE));
    }

    static ApiException full(String task, int places) {
        return of(
                TOO_MANY,
                "queue_full",
                "the queue of %s must have a free place, found %d requests waiting: retry later",
                task,
                places);
    }

    int status() {
        return status;
    }

    String json() {
        String type = status < INTERNAL ? "invalid_request_error" : "server_error";
        return Json.object(
                        "error",
                        Json.object(
                                "message",
                                getMessage(),
                                "type",
                                status == TOO_MANY ? "rate_limit_error" : type,
                                "param",
                                param,
                                "code",
                                code))
                .compact();
    }
}
