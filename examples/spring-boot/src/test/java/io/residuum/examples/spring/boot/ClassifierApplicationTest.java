package io.residuum.examples.spring.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residuum.engine.Backend;
import io.residuum.examples.http.BatchingClassifier;
import io.residuum.model.Classification;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ClassifierApplicationTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3},
                         {"type": "globalAveragePool"}, {"type": "linear", "name": "fc", "units": 3}]}
            """;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir private Path folder;

    @Test
    void classifiesAndReportsHealthAndMetrics() throws Exception {
        Path model = folder.resolve("tiny.safetensors");
        ModelSpec spec = SpecJson.standard().parse(SPEC, "a test", ModelSpec.class);
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 1)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("cat", "dog", "owl")));
            network.save(model);
        }
        BatchingClassifier classifier;
        try (ConfigurableApplicationContext service =
                SpringApplication.run(
                        ClassifierApplication.class,
                        "--residuum.model=" + model,
                        "--server.port=0",
                        "--spring.main.banner-mode=off")) {
            String url =
                    "http://localhost:"
                            + service.getEnvironment().getRequiredProperty("local.server.port");
            byte[] picture = picture();
            JsonNode answer = json(upload(url + "/classify?top=2", picture), 200);
            try (ImageClassifier alone = ImageClassifier.open(model.toString())) {
                Classification expected = alone.classify(picture);
                JsonNode best = answer.get("classes").get(0);
                assertEquals(2, answer.get("classes").size());
                assertEquals(expected.best().name(), best.get("name").asText());
                assertEquals(
                        expected.best().probability(), best.get("probability").asDouble(), 1e-6);
            }
            JsonNode damaged = json(upload(url + "/classify", new byte[] {1, 2, 3}), 400);
            assertTrue(damaged.get("detail").asText().contains("picture"), damaged::toString);
            json(upload(url + "/classify?top=0", picture), 400);

            JsonNode health = json(get(url + "/actuator/health"), 200);
            assertEquals("UP", health.at("/components/model/status").asText(), health::toString);
            json(get(url + "/actuator/health/readiness"), 200);
            JsonNode batches = json(get(url + "/actuator/metrics/residuum.batch"), 200);
            assertEquals(2, batches.at("/measurements/0/value").asInt(), batches::toString);
            for (String name :
                    List.of(
                            "residuum.queue",
                            "residuum.prediction",
                            "residuum.native.memory",
                            "http.server.requests")) {
                json(get(url + "/actuator/metrics/" + name), 200);
            }
            String prometheus = get(url + "/actuator/prometheus").body();
            assertTrue(prometheus.contains("residuum_prediction_seconds_bucket"), prometheus);
            classifier = service.getBean(BatchingClassifier.class);
            assertTrue(classifier.isRunning());
        }
        assertFalse(classifier.isRunning());
    }

    private static byte[] picture() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        image.setRGB(3, 4, 0xff8040);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static HttpResponse<String> upload(String url, byte[] file) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String head =
                "--edge\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
        body.write(head.getBytes(StandardCharsets.UTF_8));
        body.write(file);
        body.write("\r\n--edge--\r\n".getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "multipart/form-data; boundary=edge")
                        .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                        .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response, int status) throws IOException {
        assertEquals(status, response.statusCode(), response::body);
        return new ObjectMapper().readTree(response.body());
    }
}
