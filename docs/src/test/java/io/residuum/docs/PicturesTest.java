package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.draw.Diagram;
import io.residuum.draw.Level;
import io.residuum.examples.cli.convert.GraphView;
import io.residuum.files.AtomicFiles;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.model.ModelSource;
import io.residuum.picture.Picture;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pictures of networks in the guides are those that {@code show --graph} draws. */
class PicturesTest {
    private static final Path IMAGES = Path.of(System.getProperty("basedir", "."), "images");

    private static final String UPDATE =
            " is out of date; to update it: ./mvnw test -pl docs -am -Dtest=PicturesTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dresiduum.update=true";

    @ParameterizedTest
    @ValueSource(strings = {"resnet50", "gpt2", "two-streams"})
    void pictureIsCurrent(String name) throws IOException {
        Path spec = Guide.resource("specs/" + name + ".json");
        ModelSource model = Files.exists(spec) ? ModelSource.of(spec) : ModelSource.of(name);
        String svg = GraphView.of(model.spec(), Level.BLOCK).picture().svg();
        Path file = IMAGES.resolve(name + ".svg");
        if (Boolean.getBoolean("residuum.update")) {
            AtomicFiles.writeString(file, svg);
        }
        assertEquals(svg, Files.readString(file), file + UPDATE);
        assertTrue(svg.length() < 40_000, file + " has " + svg.length() + " characters");
    }

    @Test
    void aNetworkIsDrawnInJava(@TempDir Path folder) throws IOException {
        Path file = Guide.resource("specs/my-net.json");
        Path picture = folder.resolve("my-net.pdf");
        // tag::draw
        ModelSpec spec = SpecJson.standard().readModel(file);
        var images = new Capture.Source(Capture.DATA, spec.input().batchShape(), DataType.FLOAT32);
        Graph graph = Capture.of(spec.newBlock(), List.of(images), false);
        Diagram diagram = Diagram.of(graph, Level.BLOCK).folded();
        Picture.of(diagram, spec.name(), "Figure 1").write(picture);
        // end::draw
        assertTrue(Files.size(picture) > 1000);
    }
}
