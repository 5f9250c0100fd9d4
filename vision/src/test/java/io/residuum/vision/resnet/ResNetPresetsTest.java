package io.residuum.vision.resnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ResNetPresetsTest {

    private static final List<Preset> PRESETS = new ResNetPresets().presets();

    static List<Preset> presets() {
        return PRESETS;
    }

    private static ModelSpec preset(String name) {
        return PRESETS.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow().spec();
    }

    // Parameters and multiply-accumulates as counted on torchvision, timm and the papers' own
    // tables.
    @ParameterizedTest
    @CsvSource({
        "resnet18, 11689512, 1.814",
        "resnet34, 21797672, 3.664",
        "resnet50, 25557032, 4.089",
        "resnet101, 44549160, 7.801",
        "resnet152, 60192808, 11.514",
        "resnet50-v1, 25557032, 3.858",
        "resnet50d, 25576264, 4.329",
        "resnetv2-50, 25549352, 4.089",
        "resnext50-32x4d, 25028904, 4.230",
        "seresnet50, 28088024, 4.092",
        "wide-resnet50-2, 68883240, 11.398",
        "resnet20, 269722, 0.0406",
        "resnet32, 464154, 0.0689",
        "resnet44, 658586, 0.0972",
        "resnet56, 853018, 0.1255",
        "resnet110, 1727962, 0.2529",
        "resnet20-b, 272474, 0.0408",
        "resnet110-b, 1730714, 0.2531",
        "revnet110, 1729162, 0.2544",
        "preact-resnet164, 1703258, 0.2476",
        "preact-resnet1001, 10327706, 1.491",
        "wrn-28-10, 36479194, 5.243"
    })
    void hasTheParametersAndMacsOfTheLiterature(String name, long parameters, double gigaMacs) {
        Cost cost = Cost.of(preset(name).newBlock());
        assertEquals(parameters, cost.parameters());
        // Half a unit of the last digit given, or a thousandth.
        assertEquals(gigaMacs, cost.macs() / 1e9, Math.max(gigaMacs * 1e-3, 5e-5));
    }

    @Test
    void resnet1202HasTheParametersOfTheLiterature() {
        assertEquals(19_421_274, Cost.of(preset("resnet1202").newBlock()).parameters());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void expandsToTheSameNetwork(Preset preset) {
        ModelSpec spec = preset.spec();
        assertEquals(
                spec.newBlock().namedParameters().keySet(),
                spec.expand().newBlock().namedParameters().keySet());
        assertEquals(Cost.of(spec.newBlock()), Cost.of(spec.expand().newBlock()));
    }

    @Test
    void namesAreDistinctAndCited() {
        Set<String> names = new HashSet<>();
        for (Preset p : PRESETS) {
            assertTrue(names.add(p.name()), p.name());
            assertTrue(p.citation().contains("arXiv:"), p.name());
        }
    }
}
