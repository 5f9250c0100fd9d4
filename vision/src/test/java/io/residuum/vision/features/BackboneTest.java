package io.residuum.vision.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Features of networks at named layers, and strides that become dilations. */
class BackboneTest {
    private static final String RESNET =
            "{'type': 'resnet', 'units': [1, 2, 1, 1], 'width': 4, 'unit': {'kind': '%s'},"
                    + " 'classes': 5}";

    private static Backbone backbone(String network, String parts, int outputStride) {
        String text =
                "{'type': 'backbone', 'network': %s, 'parts': [%s], 'outputStride': %d}"
                        .formatted(network, parts, outputStride);
        return SpecJson.standard().parse(text.replace('\'', '"'), "test", Backbone.class);
    }

    private static Layer built(String network, String parts, int outputStride) {
        return backbone(network, parts, outputStride).newBlock(new Shape(-1, 3, 64, 64));
    }

    @Test
    void eachPartIsAnOutput() {
        Layer layer = built(RESNET.formatted("basic"), "'stem', 'stage2.0', 'stage2', 'stage3'", 0);
        assertEquals(List.of("stem", "stage2-0", "stage2", "stage3"), layer.outputNames());
        assertEquals(
                List.of(
                        new Shape(-1, 4, 16, 16),
                        new Shape(-1, 8, 8, 8),
                        new Shape(-1, 8, 8, 8),
                        new Shape(-1, 16, 4, 4)),
                layer.outputShapes());
    }

    @Test
    void parametersKeepTheirNames() {
        String network = RESNET.formatted("basic");
        Layer whole =
                SpecJson.standard()
                        .parse(
                                "{'format': 'residuum/1', 'name': 'n', 'input': {'type': 'image', 'shape': [3, 64, 64]}, 'network': %s}"
                                        .formatted(network)
                                        .replace('\'', '"'),
                                "test",
                                ModelSpec.class)
                        .newBlock();
        Set<String> names = new HashSet<>(whole.namedParameters().keySet());
        names.removeIf(name -> name.startsWith("head"));
        Layer part = built(network, "'stage2.0', 'stage4'", 0);
        assertEquals(names, part.namedParameters().keySet());
        // Layers after the last part are left out.
        assertTrue(
                built(network, "'stage2.0'", 0).namedParameters().keySet().stream()
                        .noneMatch(name -> name.startsWith("stage2.1")));
    }

    @ParameterizedTest
    @CsvSource({"basic, 8, 2, 4", "basic, 16, 1, 2", "bottleneck, 8, 2, 1", "basic, 32, 1, 1"})
    void stridesBecomeDilations(String kind, int stride, int third, int fourth) {
        Layer layer = built(RESNET.formatted(kind), "'stage2', 'stage4'", stride);
        long size = 64 / stride;
        assertEquals(size, layer.outputShapes().get(1).get(2));
        String text = layer.toString();
        assertEquals(third > 1, text.contains("dilation " + third), text);
        assertEquals(fourth > 1, text.contains("dilation " + fourth), text);
        // Dilations need no other weights.
        Layer plain = built(RESNET.formatted(kind), "'stage2', 'stage4'", 0);
        assertEquals(
                plain.namedParameters().keySet().toString(),
                layer.namedParameters().keySet().toString());
        plain.namedParameters()
                .forEach(
                        (name, p) ->
                                assertEquals(
                                        p.getShape(),
                                        layer.namedParameters().get(name).getShape()));
    }

    @Test
    void expandsToLayersThatLoadAgain() {
        ModelSpec spec =
                new ModelSpec(
                        "b",
                        new InputSpec.Image(List.of(3, 64, 64), List.of(), List.of()),
                        backbone(RESNET.formatted("basic"), "'stage2.0', 'stage4'", 8));
        String json = SpecJson.standard().write(spec.expand());
        ModelSpec again = SpecJson.standard().parse(json, "again", ModelSpec.class);
        assertEquals(
                spec.newBlock().namedParameters().keySet(),
                again.newBlock().namedParameters().keySet());
        assertEquals(spec.newBlock().outputShapes(), again.newBlock().outputShapes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'stage9' | 0 | parts must name layers of the network, one of [stem, stage1,",
                "'stage2.7' | 0 | got [stage2.7]",
                "'stage4', 'stage2' | 0 | must be in the order of the network",
                "'stage4', 'stage4' | 0 | must be different layers",
                "'stage4' | 2 | outputStride must be at least 4, since the pool",
                "'stage2.0.branch' | 0 | must have its parts in sequence, but stage2.0 is Residual",
            })
    void saysWhatIsWrong(String parts, int stride, String reason) {
        SpecException e =
                assertThrows(
                        SpecException.class, () -> built(RESNET.formatted("basic"), parts, stride));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type': 'convnext', 'units': [1, 1, 1, 1], 'widths': [4, 4, 4, 4], 'classes': 2}"
                        + " | odd kernels",
                "{'type': 'resnet', 'units': [1, 1, 1, 1], 'unit': {'kind': 'bottleneck',"
                        + " 'projectionKernel': 3}, 'classes': 2} | projections with a kernel of 1",
                "{'type': 'resnet', 'units': [1, 1, 1, 1], 'width': 12, 'unit': {'kind':"
                        + " 'bottleneck', 'scales': 3}, 'classes': 2} | in sequence",
            })
    void refusesWhatItCannotDilate(String network, String reason) {
        SpecException e = assertThrows(SpecException.class, () -> built(network, "'stage4'", 8));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }
}
