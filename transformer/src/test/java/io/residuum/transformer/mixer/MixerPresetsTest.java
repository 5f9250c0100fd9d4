package io.residuum.transformer.mixer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.Cost;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixerPresetsTest {

    private static ModelSpec spec(String name) {
        return new MixerPresets()
                .presets().stream()
                        .filter(preset -> preset.name().equals(name))
                        .map(Preset::spec)
                        .findFirst()
                        .orElseThrow();
    }

    // As counted on timm. Multiply-accumulates in billions as in its results-imagenet.csv.
    @ParameterizedTest
    @CsvSource({
        "mixer-s32-224, 19104624, 1.00",
        "mixer-b16-224, 59880472, 12.62",
        "mixer-l16-224, 208196168, 44.60",
        "gmixer-24-224, 24721096, 5.28",
        "resmlp-12-224, 15350872, 3.01",
        "resmlp-24-224, 30020680, 5.96",
        "resmlp-36-224, 44690488, 8.91",
        "resmlp-big-24-224, 129138280, 100.23",
        "gmlp-ti16-224, 5867328, 1.34",
        "gmlp-s16-224, 19422656, 4.42",
        "gmlp-b16-224, 73075392, 15.78"
    })
    void costOfTheLiterature(String name, long parameters, double gigaMacs) {
        Cost cost = Cost.of(spec(name).newBlock());
        assertEquals(parameters, cost.parameters());
        assertEquals(gigaMacs, cost.macs() / 1e9, 0.01 * gigaMacs);
        assertEquals(cost, Cost.of(spec(name).expand().newBlock()));
    }

    @Test
    void mapsOverPositionsFixTheSizeOfTheImage() {
        Layer block = spec("resmlp-12-224").newBlock();
        assertEquals(
                new Shape(196, 196),
                block.namedParameters().get("blocks.0.tokens.branch.linear.weight").getShape());
    }

    @Test
    void aSpatialGateExcludesOtherGates() {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                MlpMixer.of(4, 8, 1)
                                        .with()
                                        .mixing(new TokenMixing.Gate())
                                        .gated(true)
                                        .build());
        assertTrue(e.getMessage().startsWith("gated must be false"), e::getMessage);
    }
}
