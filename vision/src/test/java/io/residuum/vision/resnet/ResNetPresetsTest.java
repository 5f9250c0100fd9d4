package io.residuum.vision.resnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.testing.Presets;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import java.util.List;
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
        return Presets.named(PRESETS, name);
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

    // Counted on timm 1.0.29.
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    resnet10t, 5435488
                    resnet14t, 10081632
                    resnet26, 15995176
                    resnet26t, 16011872
                    resnet26d, 16014408
                    resnet50t, 25573728
                    resnet50c, 25576264
                    resnet101c, 44568392
                    resnet152c, 60212040
                    resnet50s, 25680808
                    resnet101s, 44672936
                    resnet152s, 60316584
                    resnet200, 64673832
                    resnet200d, 64693064
                    resnet50-gn, 25557032
                    resnext50d-32x4d, 25048136
                    resnext101-32x4d, 44177704
                    resnext101-32x16d, 194026792
                    resnext101-32x32d, 468530472
                    resnext101-64x4d, 83455272
                    ecaresnet26t, 16011916
                    ecaresnet50d, 25576350
                    ecaresnet50t, 25573814
                    ecaresnetlight, 30162046
                    ecaresnet101d, 44568563
                    ecaresnet200d, 64693400
                    ecaresnet269d, 102093077
                    ecaresnext26t-32x4d, 15406220
                    ecaresnext50t-32x4d, 15406220
                    seresnet18, 11779624
                    seresnet34, 21960416
                    seresnet50t, 28104720
                    seresnet101, 49326872
                    seresnet152, 66821848
                    seresnet152d, 66841080
                    seresnet200d, 71855096
                    seresnet269d, 113672760
                    seresnext26d-32x4d, 16809512
                    seresnext26t-32x4d, 16806976
                    seresnext50-32x4d, 27559896
                    seresnext101-32x4d, 48955416
                    seresnext101-32x8d, 93569048
                    seresnext101d-32x8d, 93588280
                    seresnext101-64x4d, 88232984
                    senet154, 115088984
                    test-resnet, 469688
                    legacy-seresnet18, 11778592
                    legacy-seresnet34, 21958868
                    legacy-seresnet50, 28088024
                    legacy-seresnet152, 66821848
                    legacy-seresnext26-32x4d, 16790280
                    legacy-seresnext101-32x4d, 48955416
                    legacy-senet154, 115088984
                    resnetblur18, 11689512
                    resnetblur50, 25557032
                    resnetblur50d, 25576264
                    resnetblur101d, 44568392
                    resnetaa34d, 21816904
                    resnetaa50, 25557032
                    resnetaa50d, 25576264
                    resnetaa101d, 44568392
                    seresnetaa50d, 28107256
                    seresnextaa101d-32x8d, 93588280
                    seresnextaa201d-32x8d, 149394904
                    resnetrs50, 35691912
                    resnetrs101, 63618696
                    resnetrs152, 86621576
                    resnetrs200, 93209992
                    resnetrs270, 129861448
                    resnetrs350, 163956168
                    resnetrs420, 191891656
                    res2net50-26w-4s, 25699120
                    res2net101-26w-4s, 45206688
                    res2net50-26w-6s, 37051448
                    res2net50-26w-8s, 48403776
                    res2net50-48w-2s, 25287304
                    res2net50-14w-8s, 25059816
                    res2next50, 24671464
                    res2net50d, 25718352
                    res2net101d, 45225920
                    resnetv2-18, 11687720
                    resnetv2-18d, 11706952
                    resnetv2-34, 21795880
                    resnetv2-34d, 21815112
                    resnetv2-50d, 25568584
                    resnetv2-50t, 25566048
                    resnetv2-101d, 44560712
                    resnetv2-152d, 60204360
                    resnetv2-50d-gn, 25568584
                    resnetv2-50x1-bit, 25549352
                    resnetv2-50x3-bit, 217319080
                    resnetv2-101x1-bit, 44541480
                    resnetv2-101x3-bit, 387934888
                    resnetv2-152x2-bit, 236335208
                    resnetv2-152x4-bit, 936533224
                    skresnet18, 11958056
                    skresnet34, 22282376
                    skresnet50, 25803160
                    skresnet50d, 25822392
                    skresnext50-32x4d, 27479784
                    resnest14d, 10611688
                    resnest26d, 17069448
                    resnest50d, 27483240
                    resnest101e, 48275016
                    resnest200e, 70201544
                    resnest269e, 110929480
                    resnest50d-4s2x40d, 30417592
                    resnest50d-1s4x24d, 25677000
                    """)
    void hasTheParametersOfTimm(String name, long parameters) {
        assertEquals(parameters, Cost.of(preset(name).newBlock()).parameters());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void expandsToTheSameNetwork(Preset preset) {
        Presets.requireSameExpanded(preset.spec());
    }

    /** Stem and shortcut decide about timm's names, whether or not the weights are timm's. */
    @ParameterizedTest
    @CsvSource({
        "resnet50, 'resnet*, resnext*'",
        "seresnet50, 'resnet*, resnext*'",
        "res2net50-26w-4s, 'resnet*, resnext*'",
        "resnet18d, 'resnet*d,'",
        "resnet50t, 'resnet*d,'",
        "resnetrs50, 'resnet*d,'",
        "resnet50c, 'resnet*c,'",
        "resnet50s, 'resnet*c,'",
        "senet154, 'resnet*c,'",
        "ecaresnetlight, ecaresnetlight",
        "resnest50d, 'resnet*d,'",
        "skresnet18, skresnet18",
        "skresnet50, skresnet18",
        "skresnet50d, skresnet50d",
        "resnetv2-50d, resnetv2_*"
    })
    void weightsAreWrittenByTimmsTable(String name, String about) {
        Dialect found = Dialects.of("timm").forWriting(preset(name).newBlock());
        assertTrue(found.about().startsWith(about), found.about());
    }

    @Test
    void namesAreDistinctAndCited() {
        Presets.requireDistinctAndCited(PRESETS, "arXiv:");
    }
}
