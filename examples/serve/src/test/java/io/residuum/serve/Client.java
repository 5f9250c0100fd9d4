package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** Sends requests to a server. */
record Client(String url, HttpClient http) {
    static Client of(ModelServer server) {
        return new Client(server.url(), HttpClient.newHttpClient());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpResponse<byte[]> post(String path, String type, byte[] body) {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofByteArray(body));
        return send(type.isEmpty() ? request : request.header("Content-Type", type));
    }

    HttpResponse<byte[]> post(String path, String json) {
        return post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static Json json(HttpResponse<byte[]> response) {
        assertEquals(200, response.statusCode(), text(response));
        return JsonReader.parse(text(response), "response");
    }

    Json get(String path) {
        return json(send(request(path)));
    }
}
