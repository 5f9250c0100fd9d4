package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.serve.Batching;
import io.residuum.serve.ModelServer;
import io.residuum.serve.ServeOptions;
import io.residuum.serve.ServedModel;
import io.residuum.spec.json.SpecJson;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listing of the guide "Serving". */
class ServingTest {

    @Test
    void aServerRunsUntilItIsClosed(@TempDir Path folder) throws Exception {
        try (Backend backend = Backend.open();
                Network network =
                        Network.create(
                                SpecJson.standard().readModel(Guide.resource("specs/my-net.json")),
                                backend,
                                0)) {
            network.save(folder.resolve("model.safetensors"));
        }
        String run = folder.toString();
        int port = 0;
        // tag::serve
        ServeOptions options =
                ServeOptions.DEFAULT.withPort(port).withBatching(Batching.DEFAULT.withSize(16));
        try (ServedModel model = ServedModel.open(run);
                ModelServer server = ModelServer.start(model, options)) {
            System.out.println(server.url() + " " + server.tasks());
            // end::serve
            HttpRequest ready = HttpRequest.newBuilder(URI.create(server.url() + "/ready")).build();
            assertEquals(
                    200,
                    HttpClient.newHttpClient().send(ready, BodyHandlers.discarding()).statusCode());
            // tag::serve
        }
        // end::serve
    }
}
