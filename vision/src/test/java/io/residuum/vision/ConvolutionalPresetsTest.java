package io.residuum.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.Cost;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.StochasticDepth.Schedule;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.NormSpec;
import io.residuum.testing.Presets;
import io.residuum.vision.byobnet.ByobPresets;
import io.residuum.vision.convnext.ConvNeXtPresets;
import io.residuum.vision.densenet.CspNetPresets;
import io.residuum.vision.densenet.DenseNet;
import io.residuum.vision.densenet.DenseNetPresets;
import io.residuum.vision.densenet.DlaPresets;
import io.residuum.vision.densenet.DpnPresets;
import io.residuum.vision.densenet.HgNetPresets;
import io.residuum.vision.densenet.VovNetPresets;
import io.residuum.vision.efficientnet.BlockRow;
import io.residuum.vision.efficientnet.EfficientNet;
import io.residuum.vision.efficientnet.EfficientNetPresets;
import io.residuum.vision.hrnet.HrNetPresets;
import io.residuum.vision.inception.InceptionPresets;
import io.residuum.vision.inception.InceptionV4;
import io.residuum.vision.metaformer.MetaFormerPresets;
import io.residuum.vision.mobile.MobilePresets;
import io.residuum.vision.nfnet.NfNetPresets;
import io.residuum.vision.regnet.RegNetPresets;
import io.residuum.vision.vgg.Vgg;
import io.residuum.vision.vgg.VggPresets;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VGG, DenseNet, Inception, EfficientNet and its relatives, RegNet and ConvNeXt. */
class ConvolutionalPresetsTest {
    private static final List<Preset> PRESETS =
            Stream.of(
                            new VggPresets(),
                            new DenseNetPresets(),
                            new InceptionPresets(),
                            new EfficientNetPresets(),
                            new RegNetPresets(),
                            new ConvNeXtPresets(),
                            new ByobPresets(),
                            new NfNetPresets(),
                            new MobilePresets(),
                            new VovNetPresets(),
                            new CspNetPresets(),
                            new DlaPresets(),
                            new DpnPresets(),
                            new HgNetPresets(),
                            new HrNetPresets(),
                            new MetaFormerPresets())
                    .flatMap(p -> p.presets().stream())
                    .toList();

    private static ModelSpec preset(String name) {
        return Presets.named(PRESETS, name);
    }

    // Parameters and giga-MACs of torchvision's weights; for Inception the products of convolutions
    // and linear layers of timm's networks, whose benchmark tables count norms too (12.28, 13.18);
    // for CIFAR the counts of torchvision's class with these settings, which Table 2 rounds to 1.0,
    // 7.0, 27.2, 0.8, 15.3 and 25.6 million.
    @ParameterizedTest
    @CsvSource({
        "vgg11, 132863336, 7.609",
        "vgg11-bn, 132868840, 7.609",
        "vgg13, 133047848, 11.308",
        "vgg13-bn, 133053736, 11.308",
        "vgg16, 138357544, 15.470",
        "vgg16-bn, 138365992, 15.470",
        "vgg19, 143667240, 19.632",
        "vgg19-bn, 143678248, 19.632",
        "densenet121, 7978856, 2.834",
        "densenet161, 28681000, 7.728",
        "densenet169, 14149480, 3.360",
        "densenet201, 20013928, 4.291",
        "inception-v4, 42679816, 12.254",
        "inception-resnet-v2, 55843464, 13.156",
        "densenet-40-12, 1019722, 0.2648",
        "densenet-100-12, 6979642, 1.770",
        "densenet-100-24, 27249082, 6.889",
        "densenet-bc-100-12, 769162, 0.2879",
        "densenet-bc-250-24, 15324406, 5.419",
        "densenet-bc-190-40, 25624430, 9.302"
    })
    void hasTheParametersAndMacsOfTheLiterature(String name, long parameters, double gigaMacs) {
        Cost cost = Cost.of(preset(name).newBlock());
        assertEquals(parameters, cost.parameters());
        assertEquals(gigaMacs, cost.macs() / 1e9, gigaMacs * 1e-3);
    }

    // Parameters of timm's networks.
    @ParameterizedTest
    @CsvSource({
        "mobilenetv1-125, 6270840",
        "mobilenetv2-035, 1677128",
        "mobilenetv2-100, 3504872",
        "mobilenetv2-110d, 4516520",
        "mobilenetv2-120d, 5831144",
        "mobilenetv3-large-075, 3993528",
        "mobilenetv3-large-100, 5483032",
        "mobilenetv3-small-050, 1593224",
        "tf-mobilenetv3-small-minimal-100, 2044736",
        "lcnet-050, 1880856",
        "mnasnet-130, 6282256",
        "mnasnet-140, 7115728",
        "semnasnet-100, 3887038",
        "mnasnet-small, 2030264",
        "fbnetc-100, 5572200",
        "hardcorenas-a, 5260232",
        "hardcorenas-b, 5176544",
        "hardcorenas-c, 5521224",
        "hardcorenas-d, 7500208",
        "hardcorenas-e, 8070992",
        "hardcorenas-f, 8199688",
        "fbnetv3-b, 8598464",
        "fbnetv3-d, 10306272",
        "fbnetv3-g, 16623888",
        "mixnet-s, 4134606",
        "mixnet-m, 5014382",
        "mixnet-l, 7329252",
        "mixnet-xl, 11896768",
        "mixnet-xxl, 23961752",
        "tf-mixnet-s, 4134606",
        "densenet264d, 72736216",
        "mobilenetv4-conv-small-035, 1905384",
        "mobilenetv4-conv-small-050, 2238952",
        "mobilenetv4-conv-small, 3774024",
        "mobilenetv4-conv-medium, 9715512",
        "mobilenetv4-conv-large, 32590864",
        "mobilenetv3-rw, 5479918",
        "mobilenetv3-large-150d, 14622320",
        "mobilenet-edgetpu-100, 4091432",
        "test-efficientnet, 356196",
        "test-efficientnet-ln, 356196",
        "test-convnext, 272128",
        "test-convnext2, 477800",
        "spnasnet-100, 4421616",
        "tinynet-a, 6187972",
        "tinynet-e, 2042972",
        "efficientnet-b0, 5288548",
        "efficientnet-b4, 19341616",
        "tf-efficientnet-b7, 66347960",
        "efficientnet-lite0, 4652008",
        "efficientnet-lite4, 13006568",
        "tf-efficientnetv2-b3, 14358406",
        "tf-efficientnetv2-b2, 10096086",
        "efficientnetv2-s, 21458488",
        "efficientnetv2-rw-t, 13649388",
        "efficientnetv2-rw-s, 23941296",
        "efficientnetv2-rw-m, 53236442",
        "efficientnet-es, 5438392",
        "efficientnet-em, 6899496",
        "tf-efficientnet-el, 10589712",
        "regnety-640, 281378786",
        "tf-efficientnetv2-m, 54139356",
        "tf-efficientnetv2-l, 118515272",
        "convnext-atto, 3695520",
        "convnext-atto-ols, 3702912",
        "convnext-nano-ols, 15649560",
        "convnext-tiny, 28589128",
        "convnext-tiny-hnf, 28589128",
        "convnext-base, 88591464",
        "convnext-large-mlp, 200128168",
        "convnextv2-atto, 3708400",
        "convnextv2-tiny, 28635496",
        "convnextv2-huge, 660289640",
        "regnetx-002, 2684792",
        "regnetx-004, 5157512",
        "regnetx-004-tv, 5495976",
        "regnetx-032, 15296552",
        "regnety-002, 3162996",
        "regnety-008, 6263168",
        "regnety-008-tv, 6432512",
        "regnety-016, 11202430",
        "regnety-080, 39180068",
        "regnety-080-tv, 39381472",
        "resnet50-clip, 38316896",
        "resnet101-clip, 56259936",
        "resnet50x4-clip, 87137080",
        "resnet50x16-clip, 167328912",
        "resnet50x64-clip, 420380352",
        "resnet50-clip-gap, 23527264",
        "resnet101-clip-gap, 42519392",
        "resnet50x4-clip-gap, 65619640",
        "resnet50x16-clip-gap, 136202640",
        "resnet50x64-clip-gap, 365034176",
        "resnet50-mlp, 26654536",
        "convnext-atto-rms, 3693040",
        "convnext-zepto-rms, 2155656",
        "convnext-zepto-rms-ols, 2164232",
        "test-convnext3, 468840",
        "efficientnet-b0-gn, 5288548",
        "efficientnet-b0-g8-gn, 6562660",
        "efficientnet-b3-gn, 11733784",
        "efficientnet-b3-g8-gn, 14251432",
        "efficientnet-blur-b0, 5288548",
        "gc-efficientnetv2-rw-t, 13677713",
        "mobilenetv4-conv-blur-medium, 9715512",
        "test-efficientnet-gn, 356196",
        "densenetblur121d, 7998088",
        "dla60-res2net, 20848072",
        "dla60-res2next, 17032984",
        "regnetz-005, 7122742",
        "regnetz-040, 27116800",
        "regnetz-040-h, 28938880",
        "regnetv-040, 20640640",
        "regnetv-064, 30576052",
        "regnety-040-sgn, 20646656",
        "gernet-s, 8173761",
        "gernet-m, 21142920",
        "gernet-l, 31078280",
        "repvgg-a0, 9108968",
        "repvgg-a1, 14092264",
        "repvgg-a2, 28210600",
        "repvgg-b0, 15817960",
        "repvgg-b1, 57415016",
        "repvgg-b1g4, 39966056",
        "repvgg-b2, 89022376",
        "repvgg-b2g4, 61758376",
        "repvgg-b3, 123085288",
        "repvgg-b3g4, 83825128",
        "repvgg-d2se, 133334836",
        "mobileone-s0, 5293272",
        "mobileone-s1, 4825192",
        "mobileone-s2, 7884648",
        "mobileone-s3, 10170600",
        "mobileone-s4, 14951248",
        "resnet51q, 35696920",
        "resnet61q, 36846968",
        "resnext26ts, 10297952",
        "gcresnext26ts, 10476600",
        "seresnext26ts, 10388064",
        "eca-resnext26ts, 10297988",
        "resnet32ts, 17963616",
        "resnet33ts, 19676256",
        "gcresnet33ts, 19880698",
        "seresnet33ts, 19779200",
        "eca-resnet33ts, 19676302",
        "gcresnet50t, 25897080",
        "gcresnext50ts, 15667320",
        "regnetz-b16, 9715480",
        "regnetz-c16, 13459880",
        "regnetz-d32, 27576288",
        "regnetz-d8, 23373792",
        "regnetz-e8, 57698176",
        "nf-resnet26, 15995176",
        "nf-resnet50, 25557032",
        "nf-resnet101, 44549160",
        "nf-seresnet50, 28088024",
        "nf-ecaresnet26, 15995220",
        "nf-regnet-b0, 8764288",
        "nf-regnet-b1, 10223984",
        "nf-regnet-b2, 14314608",
        "nf-regnet-b3, 18593832",
        "nf-regnet-b4, 30210816",
        "nf-regnet-b5, 49741728",
        "nfnet-f0, 71489272",
        "nfnet-f3, 254924152",
        "nfnet-l0, 35074488",
        "eca-nfnet-l0, 24143924",
        "eca-nfnet-l1, 41407728",
        "eca-nfnet-l3, 72036968",
        "dm-nfnet-f0, 71489284",
        "ghostnet-050, 2587292",
        "ghostnet-100, 5182508",
        "ghostnet-130, 7358820",
        "ghostnetv2-100, 6156908",
        "ghostnetv2-130, 8960404",
        "ghostnetv2-160, 12392698",
        "rexnet-100, 4796873",
        "rexnet-130, 7557091",
        "rexnet-150, 9728593",
        "rexnet-200, 16366620",
        "rexnet-300, 34708792",
        "rexnetr-100, 4883304",
        "rexnetr-130, 7608080",
        "rexnetr-150, 9782256",
        "rexnetr-200, 16522432",
        "rexnetr-300, 34810008",
        "legacy-xception, 22855952",
        "xception41, 26969560",
        "xception65, 39916312",
        "xception71, 42338736",
        "xception41p, 26907752",
        "xception65p, 39819560",
        "vovnet39a, 22600296",
        "vovnet57a, 36640296",
        "ese-vovnet19b-slim-dw, 1897752",
        "ese-vovnet19b-dw, 6543080",
        "ese-vovnet19b-slim, 3166136",
        "ese-vovnet39b, 24568936",
        "ese-vovnet57b, 38608936",
        "ese-vovnet99b, 63199272",
        "eca-vovnet39b, 22600316",
        "dpn48b, 9126226",
        "dpn68, 12611602",
        "dpn68b, 12611602",
        "dpn92, 37668392",
        "dpn98, 61570728",
        "dpn131, 79254504",
        "dpn107, 86917800",
        "hrnet-w18-small, 13187464",
        "hrnet-w18-small-v2, 15597464",
        "hrnet-w18, 21299004",
        "hrnet-w30, 37712220",
        "hrnet-w32, 41232680",
        "hrnet-w40, 57557160",
        "hrnet-w44, 67064984",
        "hrnet-w48, 77469864",
        "hrnet-w64, 128059944",
        "hrnet-w18-ssld, 21295164",
        "hrnet-w48-ssld, 77466024",
        "convmixer-1536-20, 51625960",
        "convmixer-768-32, 21110248",
        "convmixer-1024-20-ks9-p14, 24383464",
        "poolformer-s12, 11915176",
        "poolformer-s24, 21388968",
        "poolformer-s36, 30862760",
        "poolformer-m36, 56172520",
        "poolformer-m48, 73473448",
        "mobilenetv4-conv-aa-medium, 9715512",
        "mobilenetv4-conv-aa-large, 32590864",
        "mobilenet-edgetpu-v2-xs, 4459880",
        "mobilenet-edgetpu-v2-s, 5986456",
        "mobilenet-edgetpu-v2-m, 8462888",
        "mobilenet-edgetpu-v2-l, 10921640",
        "test-byobnet, 456856",
        "test-nfnet, 383080",
        "hgnet-tiny, 14735864",
        "hgnet-small, 24360872",
        "hgnet-base, 71578184",
        "hgnetv2-b0, 5996550",
        "hgnetv2-b1, 6343158",
        "hgnetv2-b2, 11221356",
        "hgnetv2-b3, 16292216",
        "hgnetv2-b4, 19796680",
        "hgnetv2-b5, 39569064",
        "hgnetv2-b6, 75256776",
        "dm-nfnet-f6, 438359116",
        "focalnet-base-lrf, 88749768",
        "focalnet-base-srf, 88148144",
        "focalnet-huge-fl3, 745276338",
        "focalnet-large-fl3, 239134898",
        "focalnet-large-fl4, 239315402",
        "focalnet-small-lrf, 50342440",
        "focalnet-small-srf, 49891216",
        "focalnet-tiny-lrf, 28647928",
        "focalnet-tiny-srf, 28427116",
        "focalnet-xlarge-fl3, 408787378",
        "focalnet-xlarge-fl4, 409028042",
        "cspresnet50, 21616168",
        "cspresnet50d, 21635400",
        "cspresnet50w, 28118216",
        "cspresnext50, 20569896",
        "cspdarknet53, 27642184",
        "darknet17, 14304840",
        "darknet21, 20863048",
        "darknet53, 41609928",
        "darknetaa53, 36022984",
        "sedarknet21, 20950432",
        "cs3darknet-focus-l, 21151720",
        "cs3darknet-focus-m, 9304360",
        "cs3darknet-focus-s, 3274728",
        "cs3darknet-focus-x, 35025000",
        "cs3darknet-l, 21164168",
        "cs3darknet-m, 9310240",
        "cs3darknet-s, 3276344",
        "cs3darknet-x, 35046320",
        "cs3edgenet-x, 47821120",
        "cs3se-edgenet-x, 50721584",
        "cs3sedarknet-l, 21913592",
        "cs3sedarknet-x, 35397904",
        "cs3sedarknet-xdw, 21601488",
        "dla34, 15742104",
        "dla46-c, 1301400",
        "dla46x-c, 1068440",
        "dla60, 22036632",
        "dla60x, 17352344",
        "dla60x-c, 1319832",
        "dla102, 33268888",
        "dla102x, 26309272",
        "dla102x2, 41282200",
        "dla169, 53389720",
        "repvit-m0-9, 5489328",
        "repvit-m1, 5485248",
        "repvit-m1-0, 7302796",
        "repvit-m1-1, 8802912",
        "repvit-m1-5, 14644432",
        "repvit-m2, 8797984",
        "repvit-m2-3, 23688792",
        "repvit-m3, 10682832"
    })
    void hasTheParametersOfTimm(String name, long parameters) {
        assertEquals(parameters, Cost.of(preset(name).newBlock()).parameters());
    }

    // Giga-MACs of the convolutions and linear layers of timm's networks.
    @ParameterizedTest
    @CsvSource({
        "repvgg-a0, 1.5126",
        "repvgg-b1g4, 8.1185",
        "mobileone-s0, 1.0519",
        "resnet61q, 7.7631",
        "gcresnet33ts, 4.7340",
        "regnetz-d8, 3.9195",
        "gernet-m, 3.0045",
        "nf-resnet50, 5.3403",
        "nf-regnet-b1, 0.7907",
        "eca-nfnet-l0, 4.2443",
        "ghostnet-100, 0.1412",
        "ghostnetv2-160, 0.3986",
        "rexnet-100, 0.3984",
        "rexnetr-300, 3.3437",
        "legacy-xception, 8.3574",
        "xception71, 17.9466",
        "xception65p, 13.8527",
        "ese-vovnet19b-dw, 1.3335",
        "ese-vovnet39b, 7.0742",
        "dpn48b, 1.6650",
        "dpn92, 6.5017",
        "hrnet-w18, 4.2835",
        "hrnet-w32, 8.9211",
        "convmixer-768-32, 20.6769",
        "poolformer-m36, 8.7588",
        "mobilenetv4-conv-aa-medium, 1.5618",
        "mobilenet-edgetpu-v2-m, 1.8356",
        "hgnet-tiny, 4.5304",
        "hgnetv2-b4, 2.7341",
        "dm-nfnet-f0, 6.9770",
        "cspresnext50, 4.0149",
        "cspdarknet53, 6.5337",
        "darknet53, 9.2851",
        "cs3sedarknet-x, 8.3555",
        "dla60, 4.2359",
        "dla102x, 5.8479",
        "repvit-m1-1, 1.3392"
    })
    void hasTheMacsOfTimm(String name, double gigaMacs) {
        assertEquals(gigaMacs, Cost.of(preset(name).newBlock()).macs() / 1e9, gigaMacs * 1e-3);
    }

    // Parameters and giga-MACs of torchvision's weights.
    @ParameterizedTest
    @CsvSource({
        "mobilenetv2-100, 3504872, 0.301",
        "mobilenet-v3-large, 5483032, 0.217",
        "mobilenet-v3-small, 2542856, 0.057",
        "efficientnet-b0, 5288548, 0.386",
        "regnetx-004-tv, 5495976, 0.414",
        "regnety-016, 11202430, 1.612",
        "googlenet, 6624904, 1.498",
        "inception-v3, 23834568, 5.713",
        "shufflenet-v2-x0-5, 1366792, 0.0405",
        "shufflenet-v2-x1-0, 2278604, 0.145",
        "shufflenet-v2-x1-5, 3503624, 0.296",
        "shufflenet-v2-x2-0, 7393996, 0.583",
        "convnext-tiny, 28589128, 4.456",
        "alexnet, 61100840, 0.714",
        "squeezenet1-0, 1248424, 0.819",
        "squeezenet1-1, 1235496, 0.349"
    })
    void hasTheParametersAndMacsOfTorchvision(String name, long parameters, double gigaMacs) {
        Cost cost = Cost.of(preset(name).newBlock());
        assertEquals(parameters, cost.parameters());
        assertEquals(gigaMacs, cost.macs() / 1e9, gigaMacs * 1e-2);
    }

    /** timm: the rate times the index of the block, divided by their number. */
    @Test
    void dropPathOfEfficientNetStaysBelowItsRate() {
        EfficientNet net = (EfficientNet) preset("efficientnet-b0").network();
        StochasticDepth depth =
                StochasticDepth.of(0.2).with().schedule(Schedule.LINEAR_BELOW).build();
        String layers = layers(net.with().stochasticDepth(depth).build());
        assertTrue(layers.contains("DropPathSpec[rate=0.175"), layers);
        assertFalse(layers.contains("DropPathSpec[rate=0.2,"), layers);
    }

    @Test
    void textsOfBlocksAreChecked() {
        assertEquals(
                "a block must have r, k, s, e, c, se or gs with a number, nre, skip or noskip, got"
                        + " \"cc4\" in \"ir_r1_c8_cc4\"",
                assertThrows(SpecException.class, () -> BlockRow.of("ir_r1_c8_cc4")).getMessage());
        assertTrue(
                assertThrows(SpecException.class, () -> BlockRow.of("mqa_r1_c8"))
                        .getMessage()
                        .startsWith(
                                "a block must have one of cn, ds, dsa, er, ir, uir, got \"mqa\""));
    }

    @Test
    void normsHaveTheEpsOfTimm() {
        assertEquals(new NormSpec.Channel(1e-5, 1), norm("test-efficientnet-ln"));
        assertEquals(new NormSpec.Batch(1e-3, 0.1, 1), norm("mobilenetv3-rw"));
        // That of the pretrained weights: timm's random ones have 1e-5.
        assertEquals(new NormSpec.Batch(1e-3, 0.1, 1), norm("fbnetc-100"));
        assertEquals(NormSpec.BATCH, norm("hardcorenas-a"));
    }

    private static NormSpec norm(String preset) {
        return ((EfficientNet) preset(preset).network()).block().norm();
    }

    @Test
    void severalKernelsAreOddAndOfInvertedBlocks() {
        BlockRow row = BlockRow.of("ir_r1_k3.5.7_a1.1_p1.1_s2_e6_c24");
        assertEquals(List.of(3, 5, 7), row.kernels());
        assertEquals(List.of(1, 1), row.expandKernels());
        assertEquals(List.of(1, 1), row.projectKernels());
        assertEquals(
                "kernels must be odd, got [3, 4]",
                assertThrows(SpecException.class, () -> BlockRow.of("ir_k3.4_c8")).getMessage());
        assertEquals(
                "kernel must be left out beside kernels, got 5 and [3, 7]",
                assertThrows(SpecException.class, () -> BlockRow.of("ir_k5_k3.7_c8")).getMessage());
        assertEquals(
                "kernels must be empty in fused blocks, got [3, 5]; use inverted",
                assertThrows(SpecException.class, () -> BlockRow.of("er_k3.5_c8")).getMessage());
        assertEquals(
                "startKernel must be odd or 0 in universal blocks, and 0 in others, got 3",
                assertThrows(SpecException.class, () -> BlockRow.of("ir_a3_c8")).getMessage());
    }

    /** SchemaTest of the docs module reads the expansions of all presets. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vgg11-bn",
                "densenet121",
                "inception-v4",
                "regnetz-b16",
                "ghostnetv2-100",
                "hrnet-w18-small",
                "dpn68b",
                "focalnet-tiny-lrf",
                "cs3sedarknet-l",
                "dla102x",
                "repvit-m0-9",
                "squeezenet1-0",
                "shufflenet-v2-x0-5"
            })
    void expandedJsonIsTheSameNetwork(String name) {
        Presets.requireSameFromJson(preset(name));
    }

    @Test
    void namesAreDistinctAndCited() {
        Presets.requireDistinctAndCited(PRESETS, "arXiv:");
    }

    /** The tables of other depths have names for some networks too. */
    @ParameterizedTest
    @ValueSource(ints = {11, 13, 16, 19})
    void weightsOfVggAreWrittenByTheTableOfItsDepth(int depth) {
        for (String library : List.of("torchvision", "timm")) {
            Dialects dialects = Dialects.of(library);
            Dialect plain = dialects.forWriting(preset("vgg" + depth).newBlock());
            assertEquals("vgg" + depth, plain.family());
            Dialect normed = dialects.forWriting(preset("vgg" + depth + "-bn").newBlock());
            assertEquals("vgg" + depth + "_bn", normed.family());
        }
    }

    /** torchvision's names of a layer depend on the network. */
    @ParameterizedTest
    @CsvSource({
        "mobilenetv2-100, mobilenet_v2",
        "mobilenet-v3-small, mobilenet_v3_small",
        "mobilenet-v3-large, mobilenet_v3_large",
        "mnasnet-050, mnasnet",
        "mnasnet-140, mnasnet",
        "efficientnet-b0, efficientnet",
        "tv-efficientnet-b7, efficientnet",
        "efficientnet-v2-s, efficientnet_v2_s",
        "efficientnet-v2-m, efficientnet_v2",
        "efficientnet-v2-l, efficientnet_v2"
    })
    void weightsOfInvertedResidualsAreWrittenByTheirTable(String name, String table) {
        Dialects dialects = Dialects.of("torchvision");
        assertEquals(table, dialects.forWriting(preset(name).newBlock()).family());
    }

    @Test
    void dropoutIsWhereTheLibrariesHaveIt() {
        String dense = layers(DenseNet.imagenet(121).withDropout(0.2).withHeadDropout(0.3));
        assertEquals(58, count(dense, "rate=0.2"));
        assertEquals(1, count(dense, "rate=0.3"));
        assertEquals(2, count(layers(Vgg.of(11)), "rate=0.5"));
        assertEquals(1, count(layers(InceptionV4.published().withDropout(0.2)), "rate=0.2"));
    }

    private static String layers(LayerSpec network) {
        return network.expanded().toString();
    }

    /** Counts dropout layers; a rate of 0 elsewhere is not one. */
    private static long count(String text, String rate) {
        return text.split("Dropout\\[name=[a-z]*[0-9]?, " + rate, -1).length - 1L;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'vgg', 'depth': 12, 'classes': 2} | depth must be 11, 13, 16 or 19",
                "{'type': 'vgg', 'classes': 2} | exactly one of depth and units must be given",
                "{'type': 'densenet', 'units': [], 'classes': 2} | units must not be empty",
                "{'type': 'densenet', 'units': [2], 'compression': 0, 'classes': 2}"
                        + " | compression must be in (0, 1], got 0.0",
                "{'type': 'efficientnet', 'stem': 8, 'stages': [['ir_k4_c8']], 'classes': 2}"
                        + " | kernel must be odd in blocks with a shortcut, got 4",
                "{'type': 'convnext', 'units': [1], 'widths': [8], 'unit': {'kernel': 4},"
                        + " 'classes': 2} | kernel must be odd, such as 3 or 5, got 4",
                "{'type': 'byobnet', 'stem': {'widths': [8]}, 'classes': 2, 'unit': {'shortcut':"
                    + " 'pooled'}, 'stages': [[{'kind': 'repvgg', 'channels': 8}]]} | shortcut must"
                    + " be projection in networks of repvgg and mobileone",
                "{'type': 'byobnet', 'stem': {'widths': [8]}, 'classes': 2, 'unit':"
                        + " {'extra': true}, 'stages': [[{'kind': 'basic', 'channels': 8}]]}"
                        + " | extra must be false without bottleneck blocks, got true",
                "{'type': 'byobnet', 'stem': {'widths': [8]}, 'classes': 2, 'folded': true,"
                        + " 'stages': [[{'kind': 'basic', 'channels': 8}]]}"
                        + " | folded must be false without repvgg and mobileone blocks, got true",
                "{'type': 'nfnet', 'stem': {'widths': [8]}, 'units': [1], 'widths': [8], 'signal':"
                        + " {'attentionGain': 3}, 'classes': 2}"
                        + " | attentionGain must be 2.0 without attention, got 3.0",
                "{'type': 'efficientnet', 'stem': 8, 'classes': 2, 'stages': [[{'kind': 'fused',"
                        + " 'channels': 8, 'groupWidth': -1}]]}"
                        + " | groupWidth must be positive or 0 in blocks with one fused or"
                        + " depthwise convolution, and 0 in others, got -1",
                "{'type': 'vovnet', 'stem': [8, 8, 8], 'units': [1, 1], 'widths': [8, 8],"
                        + " 'channels': [8], 'classes': 2}"
                        + " | units and channels must have one entry for each stage, got [1, 1]"
                        + " and [8]",
                "{'type': 'dpn', 'stem': 8, 'units': [1], 'increments': [0], 'width': 32,"
                        + " 'classes': 2} | increments must be positive, got 0",
                "{'type': 'cspnet', 'stem': {'widths': [8]}, 'stages': [{'units': 1, 'channels': 8,"
                        + " 'width': 1}], 'classes': 2}"
                        + " | width must be half of the expansion, because units keep the channels,"
                        + " got 1.0",
                "{'type': 'dla', 'depths': [1, 1], 'widths': [8, 8], 'classes': 2}"
                        + " | widths must have 2 more entries than depths, got [8, 8] and [1, 1]",
                "{'type': 'squeezenet', 'stem': 8, 'stemKernel': 3, 'stages': [[12]], 'classes': 2}"
                        + " | stages must have multiples of 8, got 12",
                "{'type': 'alexnet', 'widths': [8], 'classes': 2}"
                        + " | widths must have the channels of 5 convolutions, got [8]",
                "{'type': 'hgnet', 'stem': [1, 8], 'stages': [{'width': 8, 'channels': 8, 'layers':"
                    + " 1}], 'classes': 2} | stem must begin with 2 channels or more in version 2,"
                    + " which halves them, got [1, 8]",
                "{'type': 'inceptionV4', 'width': 0, 'classes': 2} | width must be positive"
            })
    void invalidSettingsAreErrors(String json, String message) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                SpecJson.standard()
                                        .parse(
                                                json.replace('\'', '"'),
                                                "spec.json",
                                                LayerSpec.class));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void imagesOfAnHrNetHaveASizeThatAllBranchesHalve() {
        ModelSpec spec = preset("hrnet-w18-small");
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> spec.network().newBlock(new Shape(-1, 3, 224, 200)));
        assertTrue(
                e.getMessage()
                        .contains(
                                "the width of images must be a multiple of 32 for 4 branches, got"
                                        + " 200; resize or pad"),
                e::getMessage);
        assertEquals(
                2, spec.network().newBlock(new Shape(-1, 3, 256, 192)).outputShape().dimension());
    }

    @Test
    void depthsForCifarFitTheStages() {
        SpecException e =
                assertThrows(SpecException.class, () -> DenseNet.cifarBottleneck(40 + 1, 12));
        assertEquals("depth must be 6n + 4, got 41", e.getMessage());
    }
}
