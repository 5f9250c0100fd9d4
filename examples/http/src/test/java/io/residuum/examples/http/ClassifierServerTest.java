package io.residuum.examples.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.json.Json;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.vision.predict.ImageClassifier;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierServerTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3},
                         {"type": "globalAveragePool"}, {"type": "linear", "name": "fc", "units": 3}]}
            """;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir private static Path folder;
    private static String model;
    private static ClassifierServer server;

    @BeforeAll
    static void start() throws IOException {
        Path file = folder.resolve("tiny.safetensors");
        ModelSpec spec = SpecJson.standard().parse(SPEC, "a test", ModelSpec.class);
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 1)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("cat", "dog", "owl")));
            network.save(file);
        }
        model = file.toString();
        server = new ClassifierServer(model, 0);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] picture(int rgb) throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, rgb * (i % 3));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static URI uri(String path) {
        return URI.create("http://localhost:" + server.port() + path);
    }

    private static CompletableFuture<HttpResponse<String>> post(byte[] body) {
        HttpRequest request =
                HttpRequest.newBuilder(uri("/classify"))
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        return CLIENT.sendAsync(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private static double metric(String name) throws Exception {
        String metrics = get("/metrics").body();
        Matcher line = Pattern.compile("(?m)^" + name + " ([-+.\\dE]+)$").matcher(metrics);
        assertTrue(line.find(), metrics);
        return Double.parseDouble(line.group(1));
    }

    /** Many callers at once, one of them with a damaged picture, get what each gets alone. */
    @Test
    void answersAreThoseOfTheClassifier() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(post(i == 7 ? new byte[] {1, 2, 3} : picture(i << 4)));
        }
        try (ImageClassifier classifier = ImageClassifier.open(model)) {
            for (int i = 0; i < 40; i++) {
                HttpResponse<String> answer = answers.get(i).get();
                if (i == 7) {
                    assertEquals(400, answer.statusCode(), answer.body());
                    assertTrue(answer.body().startsWith("{\"error\":"), answer.body());
                } else {
                    assertEquals(200, answer.statusCode(), answer.body());
                    String best = classifier.classify(picture(i << 4)).best().name();
                    assertTrue(answer.body().contains("\"name\":\"" + best + "\""), answer.body());
                }
            }
        }
        double batches = metric("residuum_batch_count");
        assertTrue(batches >= 1 && metric("residuum_batch_sum") >= 40, () -> batches + " batches");
        assertEquals(0, metric("residuum_queue"));
        assertTrue(metric("residuum_native_memory_bytes") > 1 << 20);
        assertTrue(metric("residuum_prediction_seconds_sum") > 0);
        assertTrue(
                get("/metrics")
                        .body()
                        .contains("http_server_requests_seconds_count{status=\"400\""));
    }

    @Test
    void healthAndErrorsAreJson() throws Exception {
        assertEquals(Json.of(Map.of("status", "UP")).compact(), get("/health").body());
        assertEquals(405, get("/classify").statusCode());
        assertEquals(413, post(new byte[(16 << 20) + 1]).get().statusCode());
    }
}
