package io.residuum.transformer.pyramid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.Cost;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PyramidPresetsTest {

    private static ModelSpec spec(String name) {
        return new PyramidPresets()
                .presets().stream()
                        .filter(preset -> preset.name().equals(name))
                        .map(Preset::spec)
                        .findFirst()
                        .orElseThrow();
    }

    // As counted on timm.
    @ParameterizedTest
    @CsvSource({
        "pvt-v2-b0, 3666760",
        "pvt-v2-b1, 14009000",
        "pvt-v2-b2, 25362856",
        "pvt-v2-b2-li, 22553512",
        "pvt-v2-b3, 45238696",
        "pvt-v2-b4, 62556072",
        "pvt-v2-b5, 81956008",
        "caformer-b36, 98753614",
        "caformer-m36, 56204878",
        "caformer-s18, 26341656",
        "caformer-s36, 39297102",
        "convformer-b36, 99882616",
        "convformer-m36, 57051640",
        "convformer-s18, 26774448",
        "convformer-s36, 40012152",
        "poolformerv2-m36, 56077168",
        "poolformerv2-m48, 73346056",
        "poolformerv2-s12, 11891712",
        "poolformerv2-s24, 21341464",
        "poolformerv2-s36, 30791216"
    })
    void parametersOfTimm(String name, long parameters) {
        assertEquals(parameters, Cost.of(spec(name).newBlock()).parameters());
    }

    // Giga-MACs of the convolutions and linear maps of timm's networks.
    @ParameterizedTest
    @CsvSource({"convformer-s18, 3.9410", "poolformerv2-s12, 1.8123"})
    void macsOfTimm(String name, double gigaMacs) {
        assertEquals(gigaMacs, Cost.of(spec(name).newBlock()).macs() / 1e9, 1e-3 * gigaMacs);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'metaformer', 'units': [1], 'widths': [8], 'mixers': ['pool', 'pool'],"
                    + " 'activation': 'relu', 'classes': 2} | mixers must have one entry for each"
                    + " of the 1 stages, got [POOL, POOL]",
                "{'type': 'metaformer', 'units': [1], 'widths': [8], 'mixers': ['pool'],"
                        + " 'activation': 'relu', 'classes': 2}"
                        + " | scaledStages must be in [0, 1], got 2",
                "{'type': 'pvtV2', 'units': [1], 'widths': [8], 'heads': [1], 'classes': 2}"
                        + " | units and reductions must have one entry for each stage, got [1] and"
                        + " [8, 4, 2, 1]"
            })
    void invalidSettingsAreErrors(String json, String message) {
        String spec = json.replace('\'', '"');
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(spec, "spec.json", LayerSpec.class));
        assertTrue(e.getMessage().contains(message), e::getMessage);
    }

    @Test
    void asSequenceReadsImagesAndKeepsPositions() {
        LayerSpec pooled =
                SpecJson.standard()
                        .parse(
                                "{\"type\": \"asSequence\", \"layer\": {\"type\":"
                                        + " \"globalAveragePool\"}}",
                                "spec.json",
                                LayerSpec.class);
        SpecException e =
                assertThrows(SpecException.class, () -> pooled.newBlock(new Shape(-1, 8)));
        assertTrue(e.getMessage().contains("must be images"), e::getMessage);
        SpecException kept =
                assertThrows(SpecException.class, () -> pooled.newBlock(new Shape(-1, 8, 2, 3)));
        assertTrue(kept.getMessage().contains("must keep the 6 positions"), kept::getMessage);
    }
}
