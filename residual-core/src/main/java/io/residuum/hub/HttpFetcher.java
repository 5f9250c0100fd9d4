package io.residuum.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Sends GET requests, follows redirects, and keeps the token to the hub's own host. */
final class HttpFetcher {
    private static final int MAX_REDIRECTS = 10;
    private static final int MAX_MESSAGE = 200;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> BODIES =
            Set.of(Answer.COMPLETE, Answer.PARTIAL, Answer.RANGE_REFUSED);

    private final HubSettings settings;
    private final Proxies proxies;
    private final HttpClient client;

    HttpFetcher(HubSettings settings, UnaryOperator<@Nullable String> environment) {
        this.settings = settings;
        this.proxies = new Proxies(environment);
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        // Redirects are followed here, so that the token does not go along.
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(settings.timeout())
                        .proxy(proxies)
                        .build();
    }

    /**
     * Requests a file.
     *
     * @return the answer, to be closed by the caller
     * @throws TemporaryFailure if the server is busy
     * @throws IOException if the server cannot be reached, or the connection ends
     * @throws HubException if the server refuses
     */
    Answer get(URI start, Map<String, String> headers) throws IOException {
        URI uri = start;
        HttpHeaders origin = null;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpResponse<InputStream> response = send(uri, headers);
            if (origin == null || RemoteFiles.sameOrigin(uri, start)) {
                origin = response.headers();
            }
            int status = response.statusCode();
            InputStream body = new StallGuard(response.body(), settings.timeout());
            if (BODIES.contains(status)) {
                return new Answer(uri, status, origin, response.headers(), body);
            }
            body.close();
            if (!REDIRECTS.contains(status)) {
                throw refusal(uri, response);
            }
            uri = target(uri, response.headers());
        }
        throw new HubException(
                "%s: must be reached by at most %d redirects, found more"
                        .formatted(RemoteFiles.shown(start), MAX_REDIRECTS));
    }

    private HttpResponse<InputStream> send(URI uri, Map<String, String> headers)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(settings.timeout())
                        .header("User-Agent", "residuum")
                        // Compression would change lengths and ranges.
                        .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        proxies.authorization(uri).ifPresent(user -> request.header("Proxy-Authorization", user));
        if (settings.token() != null && RemoteFiles.sameOrigin(uri, settings.endpoint())) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(RemoteFiles.shown(uri) + ": the download was interrupted", e);
        }
    }

    private static URI target(URI from, HttpHeaders headers) {
        String location = headers.firstValue("Location").orElse("");
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new HubException(
                    RemoteFiles.shown(from) + ": redirects to an invalid address", e);
        }
        boolean known = to.getHost() != null && String.valueOf(to.getScheme()).matches("https?");
        if (location.isEmpty() || !known) {
            throw new HubException(
                    RemoteFiles.shown(from) + ": must redirect to an http address, got another");
        }
        if ("https".equals(from.getScheme()) && !"https".equals(to.getScheme())) {
            throw new HubException(
                    "%s: redirects from https to plain http, which others could change: %s"
                            .formatted(RemoteFiles.shown(from), RemoteFiles.shown(to)));
        }
        return to;
    }

    private IOException refusal(URI uri, HttpResponse<?> response) {
        int status = response.statusCode();
        HttpHeaders headers = response.headers();
        String place = RemoteFiles.shown(uri) + ": ";
        if (status == 408 || status == 429 || status >= 500) {
            return new TemporaryFailure("the server answers with status " + status, delay(headers));
        }
        String said =
                headers.firstValue("X-Error-Message")
                        .map(text -> " (" + shortened(text) + ")")
                        .orElse("");
        throw new HubException(
                place
                        + switch (status) {
                            case 401, 403 -> forbidden(headers) + said;
                            case 404 ->
                                    "the server has no such repository, revision or file" + said;
                            case 407 ->
                                    "the proxy asks for a password; write it into HTTPS_PROXY as"
                                            + " http://user:password@host:port, and start Java with"
                                            + " -Djdk.http.auth.tunneling.disabledSchemes=";
                            default -> "the server answers with status " + status + said;
                        });
    }

    private String forbidden(HttpHeaders headers) {
        if (headers.firstValue("X-Error-Code").orElse("").equals("GatedRepo")) {
            return "the repository is gated; accept its terms on its page, and set HF_TOKEN to a"
                    + " token of that account";
        }
        return settings.token() == null
                ? "there is no such public repository; check its name, or set HF_TOKEN if it is"
                        + " private"
                : "HF_TOKEN has no access; check the name of the repository and the token";
    }

    private static String shortened(String text) {
        return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "...";
    }

    /** {@return the wait that the server asks for, in seconds or by a date} */
    private static Optional<Duration> delay(HttpHeaders headers) {
        Optional<String> text = headers.firstValue("Retry-After").map(String::strip);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.get().matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text.get())));
        }
        try {
            ZonedDateTime date =
                    ZonedDateTime.parse(text.get(), DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(ZonedDateTime.now(date.getZone()), date);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
