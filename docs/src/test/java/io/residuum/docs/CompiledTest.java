package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.Backend;
import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The listings of the guide "Networks as a whole". */
class CompiledTest {
    private static ModelSpec spec() {
        return SpecJson.standard().readModel(Guide.resource("specs/my-net.json"));
    }

    @Test
    void predictsTheSame() {
        try (Backend backend = Backend.open();
                Network network = Network.create(spec(), backend, 0);
                NDManager manager = backend.newManager()) {
            NDArray images = manager.randomUniform(0, 1, new Shape(2, 3, 32, 32));
            float[] before = network.predict(new NDList(images)).toFloatArray();
            // tag::compile
            network.compile(CompileOptions.DEFAULT, System.err::println);
            NDArray logits = network.predict(new NDList(images));
            // end::compile
            assertArrayEquals(before, logits.toFloatArray(), 1e-4f);
        }
    }

    @Test
    void predictsTheSameOnTheFasterRuntime() {
        try (Backend backend = Backend.open();
                Network network = Network.create(spec(), backend, 0);
                NDManager manager = backend.newManager()) {
            NDArray images = manager.randomUniform(0, 1, new Shape(2, 3, 32, 32));
            float[] before = network.predict(new NDList(images)).toFloatArray();
            // tag::runtime
            network.compile(
                    CompileOptions.DEFAULT.withRuntime(RuntimeChoice.AUTO), System.err::println);
            NDArray logits = network.predict(new NDList(images));
            // end::runtime
            assertArrayEquals(before, logits.toFloatArray(), 1e-4f);
        }
    }

    @Test
    void capturesAGraph() {
        // tag::capture
        Capture.Source images =
                new Capture.Source(Capture.DATA, new Shape(-1, 3, 32, 32), DataType.FLOAT32);
        Graph graph = Capture.of(spec().newBlock(), List.of(images), false);
        System.out.println(graph); // a line for each operation
        Graph folded = new FoldBatchNorm().apply(graph);
        // end::capture
        assertTrue(graph.counts().containsKey("Convolution"), graph::toString);
        assertEquals(graph.counts().get("Convolution"), folded.counts().get("Convolution"));
    }

    @Test
    void aRecipeCompiles() {
        // tag::recipe
        Recipe recipe = Recipe.builder().compile(true).build();
        // end::recipe
        assertTrue(recipe.compile());
    }
}
