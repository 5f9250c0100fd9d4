package io.residuum.vision.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.json.SpecJson;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The levels of feature pyramids; HeadsParityTest compares their numbers with torchvision. */
class FpnTest {
    private static final List<Shape> FEATURES =
            List.of(new Shape(-1, 6, 15, 13), new Shape(-1, 8, 8, 7), new Shape(-1, 10, 4, 4));

    @ParameterizedTest
    @CsvSource({"none, 3, ''", "pool, 4, ''", "p6p7, 5, 4", "p6p7-of-c5, 5, 10"})
    void extraLevelsFollow(String extra, int levels, String read) {
        Fpn fpn =
                SpecJson.standard()
                        .parse(
                                "{\"type\": \"fpn\", \"channels\": 4, \"extra\": \"%s\"}"
                                        .formatted(extra),
                                "test",
                                Fpn.class);
        Layer layer = fpn.newBlock(FEATURES);
        assertEquals(levels, fpn.levels());
        assertEquals(levels, layer.outputShapes().size());
        assertEquals(new Shape(-1, 4, 15, 13), layer.outputShapes().get(0));
        assertEquals(new Shape(-1, 4, 4, 4), layer.outputShapes().get(2));
        if (levels > 3) {
            assertEquals(new Shape(-1, 4, 2, 2), layer.outputShapes().get(3));
        }
        Set<String> names = layer.namedParameters().keySet();
        assertEquals(!read.isEmpty(), names.contains("p7.weight"));
        if (!read.isEmpty()) {
            Shape p6 = layer.namedParameters().get("p6.weight").getShape();
            assertEquals(Integer.parseInt(read), p6.get(1));
        }
        assertTrue(names.contains("lateral2.conv.bias"));
    }

    @ParameterizedTest
    @CsvSource({"none, true", "batch, false"})
    void aNormReplacesTheBias(String norm, boolean bias) {
        Layer layer =
                SpecJson.standard()
                        .parse(
                                "{\"type\": \"fpn\", \"channels\": 4, \"norm\": \"%s\"}"
                                        .formatted(norm),
                                "test",
                                Fpn.class)
                        .newBlock(FEATURES);
        Set<String> names = layer.namedParameters().keySet();
        assertEquals(bias, names.contains("output0.conv.bias"));
        assertEquals(!bias, names.contains("output0.norm.weight"));
        assertFalse(names.contains("output9.conv.weight"));
    }
}
