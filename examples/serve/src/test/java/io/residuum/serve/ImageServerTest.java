package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.json.Json;
import io.residuum.model.Classification;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.vision.explain.Explainer;
import io.residuum.vision.explain.Explanation;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;

/** Images and tensors over HTTP give what the network gives. */
class ImageServerTest {
    private static final float TOLERANCE = 1e-5f;

    @TempDir private Path folder;

    private static void assertSame(Classification expected, Json prediction) {
        List<Json> classes = prediction.get("classes").items();
        for (int i = 0; i < classes.size(); i++) {
            assertEquals(expected.classes().get(i).name(), classes.get(i).get("name").string(""));
            assertEquals(
                    expected.classes().get(i).probability(),
                    Double.parseDouble(((Json.Num) classes.get(i).get("probability")).text()),
                    TOLERANCE);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @EachEngine
    void everyFormOfARequestGivesTheSameClasses(EngineChoice engine) throws IOException {
        try (Network network = Fixtures.images(engine);
                ImageClassifier classifier = ImageClassifier.of(network);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, null), Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            Classification one = classifier.classify(Fixtures.png(1));
            Classification two = classifier.classify(Fixtures.png(2));

            Json raw = Client.json(client.post("/v1/predict", "image/png", Fixtures.png(1)));
            assertEquals("tiny", raw.get("model").string(""));
            assertSame(one, raw.get("predictions").get(0));
            Json best = Client.json(client.post("/v1/predict?top=1", "image/x", Fixtures.png(1)));
            assertEquals(1, best.get("predictions").get(0).get("classes").items().size());
            Json bytes =
                    Client.json(
                            client.post(
                                    "/v1/predict", "application/octet-stream", Fixtures.png(2)));
            assertSame(two, bytes.get("predictions").get(0));

            Json json =
                    Client.json(
                            client.post(
                                    "/v1/predict",
                                    "{\"model\": \"tiny\", \"images\": [\"%s\", \"data:image/png;base64,%s\"], \"top\": 2}"
                                            .formatted(
                                                    base64(Fixtures.png(1)),
                                                    base64(Fixtures.png(2)))));
            assertSame(one, json.get("predictions").get(0));
            assertSame(two, json.get("predictions").get(1));
            assertEquals(2, json.get("predictions").get(1).get("classes").items().size());

            ByteArrayOutputStream form = new ByteArrayOutputStream();
            for (int i = 1; i <= 2; i++) {
                form.writeBytes(
                        ("--edge\r\nContent-Disposition: form-data; name=\"f%d\"; filename=\"%d.png\"\r\nContent-Type: image/png\r\n\r\n"
                                        .formatted(i, i))
                                .getBytes(StandardCharsets.UTF_8));
                form.writeBytes(Fixtures.png(i));
                form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
            }
            form.writeBytes("--edge--\r\n".getBytes(StandardCharsets.UTF_8));
            Json parts =
                    Client.json(
                            client.post(
                                    "/v1/predict",
                                    "multipart/form-data; boundary=edge",
                                    form.toByteArray()));
            assertSame(one, parts.get("predictions").get(0));
            assertSame(two, parts.get("predictions").get(1));

            HttpResponse<byte[]> why = client.post("/v1/explain", "image/png", Fixtures.png(1));
            assertEquals("image/png", why.headers().firstValue("Content-Type").orElse(""));
            Explanation expected =
                    new Explainer(network)
                            .gradCam(
                                    ImageInput.of(Fixtures.png(1)),
                                    OptionalInt.empty(),
                                    Optional.empty());
            BufferedImage picture = expected.map().over(expected.view());
            BufferedImage found = ImageIO.read(new ByteArrayInputStream(why.body()));
            assertEquals(picture.getWidth(), found.getWidth());
            assertEquals(picture.getRGB(9, 5), found.getRGB(9, 5));
        }
    }

    /** A classifier would drop a head, so such a network answers with tensors only. */
    @EachEngine
    void furtherHeadsAreOutputsOfTensors(EngineChoice engine) throws IOException {
        try (Network network = Fixtures.heads(engine);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, null), Fixtures.OPTIONS)) {
            Json json =
                    Client.json(
                            Client.of(server)
                                    .post(
                                            "/v1/predict",
                                            "{\"tensors\": {\"input\": {\"shape\": [1, 3, 8, 8], \"values\": %s}}}"
                                                    .formatted(
                                                            Arrays.toString(new int[3 * 8 * 8]))));
            Json outputs = json.get("outputs");
            assertEquals("[1,3]", outputs.get("output").get("shape").compact());
            assertEquals("[1,2]", outputs.get("heads.colour").get("shape").compact());
        }
    }

    @EachEngine
    void tensorsComeBackAsTheyCame(EngineChoice engine) throws IOException {
        float[] pixels = new float[2 * 3 * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        Shape shape = new Shape(2, 3, 8, 8);
        try (Network network = Fixtures.images(engine);
                NDManager manager = Engines.backend(engine).newManager();
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, null), Fixtures.OPTIONS)) {
            float[] expected =
                    network.predict(
                                    new NDList(
                                            Values.create(
                                                    manager, pixels, shape, DataType.FLOAT32)))
                            .toFloatArray();
            Client client = Client.of(server);
            Path in = folder.resolve("in.safetensors");
            new SafetensorsWriter().add("input", shape.getShape(), pixels).write(in);
            HttpResponse<byte[]> response =
                    client.post(
                            "/v1/predict", "application/vnd.safetensors", Files.readAllBytes(in));
            assertEquals(200, response.statusCode(), Client.text(response));
            Path out = Files.write(folder.resolve("out.safetensors"), response.body());
            try (Safetensors tensors = Safetensors.open(out)) {
                assertEquals(List.of(2L, 3L), tensors.info("output").shape());
                assertArrayEquals(expected, tensors.floats("output"), TOLERANCE);
            }

            Json json =
                    Client.json(
                            client.post(
                                    "/v1/predict",
                                    "{\"tensors\": {\"input\": {\"shape\": [2, 3, 8, 8], \"values\": %s}}}"
                                            .formatted(Arrays.toString(pixels))));
            Json output = json.get("outputs").get("output");
            assertEquals("[2,3]", output.get("shape").compact());
            for (int i = 0; i < expected.length; i++) {
                assertEquals(
                        expected[i],
                        Float.parseFloat(((Json.Num) output.get("values").get(i)).text()),
                        TOLERANCE);
            }
        }
    }

    @EachEngine
    void manyClientsGetTheirOwnClasses(EngineChoice engine) {
        try (Network network = Fixtures.images(engine);
                ImageClassifier classifier = ImageClassifier.of(network);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, null), Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            IntStream.range(0, 40)
                    .parallel()
                    .forEach(
                            i ->
                                    assertSame(
                                            classifier.classify(Fixtures.png(i % 8)),
                                            Client.json(
                                                            client.post(
                                                                    "/v1/predict",
                                                                    "image/png",
                                                                    Fixtures.png(i % 8)))
                                                    .get("predictions")
                                                    .get(0)));
            String count =
                    "http_server_requests_seconds_count{status=\"200\",uri=\"/v1/predict\"} 40";
            // A request is counted after its response is sent.
            String metrics = "";
            for (int i = 0; i < 500 && !metrics.contains(count); i++) {
                metrics = Client.text(client.send(client.request("/metrics")));
            }
            assertTrue(metrics.contains(count), metrics);
            assertTrue(metrics.contains("residuum_batch_size_sum{task=\"images\"} 40.0"), metrics);
            assertTrue(metrics.contains("residuum_queue_size{task=\"images\"} 0.0"), metrics);
            assertTrue(metrics.contains("jvm_memory_used_bytes"), metrics);
        }
    }

    @EachEngine
    void modelsHealthAndReadiness(EngineChoice engine) {
        try (Network network = Fixtures.images(engine);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, null), Fixtures.OPTIONS)) {
            Client client = Client.of(server);
            assertEquals("up", client.get("/health").get("status").string(""));
            assertEquals("ready", client.get("/ready").get("status").string(""));
            Json model = client.get("/v1/models").get("data").get(0);
            assertEquals("tiny", model.get("id").string(""));
            assertEquals(
                    List.of("images", "explanations", "tensors"),
                    model.get("tasks").strings().orElseThrow());
            assertEquals("model", client.get("/v1/models/tiny").get("object").string(""));
            assertTrue(Client.text(client.send(client.request("/"))).startsWith("<!doctype html>"));
        }
    }
}
