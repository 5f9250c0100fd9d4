package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Comparison;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Signal;
import io.residuum.inspect.Subject;
import io.residuum.inspect.gradient.Gradients;
import io.residuum.model.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listing of the guide "Inspecting a network". */
class InspectTest {
    @TempDir private Path folder;

    @Test
    void twoNetworksAreCompared() throws IOException {
        // tag::inspect
        Map<String, Inspection> found = new LinkedHashMap<>();
        try (Backend backend = Backend.open()) {
            for (String name : List.of("resnet20", "plain20")) {
                try (Network network = Network.open(name, backend)) {
                    Subject subject = // 4 samples of random numbers, all in one pass, seed 0
                            Subject.random(network, 4, 4, 0, InspectionListener.NONE)
                                    .withBatchStatistics(true);
                    List<Analysis> analyses = List.of(new Signal(), new Gradients());
                    found.put(name, Inspection.run(subject, analyses));
                }
            }
        }
        new Comparison(found).write(folder); // report.html, inspection.json, CSV, SVG
        double[] norms = found.get("resnet20").finding("gradients").table("units").numbers("dE/dx");
        // end::inspect
        assertEquals(9, norms.length);
        assertTrue(Files.exists(folder.resolve("report.html")));
    }
}
