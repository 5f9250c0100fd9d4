package io.residuum.vision.nfnet;

import io.residuum.nn.Shapes;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.EfficientChannelAttention;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.nfnet.NfNet.Stem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Provides the networks without norms as presets with timm's names. */
public final class NfNetPresets implements PresetProvider {
    private static final String RESNET = "Brock et al. 2021, arXiv:2101.08692, Section 5";
    private static final String REGNET = RESNET + ".2; widths rounded as in timm";
    private static final String NFNET = "Brock et al. 2021, arXiv:2102.06171, Table 1";

    private static final List<Integer> WIDTHS = List.of(256, 512, 1536, 1536);
    private static final EfficientChannelAttention ECA = new EfficientChannelAttention("eca", 0);
    private static final int[] IMAGES = {192, 224, 256, 320, 384, 416, 448, 480};

    private final List<Preset> all = new ArrayList<>();

    @Override
    public List<Preset> presets() {
        NfNetPresets made = new NfNetPresets();
        made.resNets("26", 2, 2, 2, 2);
        made.resNets("50", 3, 4, 6, 3);
        made.resNets("101", 3, 4, 23, 3);
        made.regNets();
        for (int f = 0; f < IMAGES.length; f++) {
            made.nfNet(f);
        }
        made.light();
        return StandardInputs.published(made.all);
    }

    private void resNets(String depth, Integer... units) {
        Stem stem = new Stem(List.of(64), 7, Stem.End.POOL);
        NfNet net = net(stem, List.of(units), List.of(256, 512, 1024, 2048), NfUnit.DEFAULT);
        NfUnit squeezed = NfUnit.DEFAULT.withSqueezeExcitation(1.0 / 16);
        add("nf-resnet" + depth, net, depth.equals("50") ? 256 : 224, RESNET);
        add("nf-seresnet" + depth, net.withUnit(squeezed), 224, RESNET);
        add("nf-ecaresnet" + depth, net.withUnit(NfUnit.DEFAULT.withAttention(ECA)), 224, RESNET);
    }

    private void regNets() {
        regNet("b0", 192, List.of(1, 3, 6, 6), 48, 104, 208, 440);
        regNet("b1", 256, List.of(2, 4, 7, 7), 48, 104, 208, 440);
        regNet("b2", 240, List.of(2, 4, 8, 8), 56, 112, 232, 488);
        regNet("b3", 288, List.of(2, 5, 9, 9), 56, 128, 248, 528);
        regNet("b4", 320, List.of(2, 6, 11, 11), 64, 144, 288, 616);
        regNet("b5", 384, List.of(3, 7, 14, 14), 80, 168, 336, 704);
    }

    private void regNet(String size, int image, List<Integer> units, int... widths) {
        List<Integer> scaled = Arrays.stream(widths).mapToObj(NfNetPresets::scaled).toList();
        NfUnit unit =
                NfUnit.DEFAULT
                        .with()
                        .ratio(2.25)
                        .regnet(true)
                        .groupWidth(8)
                        .squeezeExcitation(0.5)
                        .build();
        Stem stem = new Stem(List.of(scaled.get(0)), 3, Stem.End.NONE);
        NfNet net = net(stem, units, scaled, unit).withFeatures(scaled(1280 * widths[3] / 440));
        add("nf-regnet-" + size, silu(net), image, REGNET);
    }

    /** Returns three quarters of a width. */
    private static int scaled(int width) {
        return Shapes.divisible(0.75 * width, NfUnit.DIVISOR, 0.9);
    }

    private void nfNet(int f) {
        List<Integer> units = Stream.of(1, 2, 6, 3).map(n -> n * (f + 1)).toList();
        NfUnit unit =
                NfUnit.DEFAULT
                        .with()
                        .ratio(0.5)
                        .groupWidth(128)
                        .extra(true)
                        .squeezeExcitation(0.5)
                        .build();
        NfNet net = net(quad(), units, WIDTHS, unit).withFeatures(3072);
        NfSignal gelu = NfSignal.DEFAULT.withActivation(new ActivationSpec.Gelu());
        add("nfnet-f" + f, net.withSignal(gelu), IMAGES[f], NFNET);
        if (f < IMAGES.length - 1) {
            NfSignal published =
                    gelu.with().skipInit(true).gammaInActivation(true).same(true).build();
            add("dm-nfnet-f" + f, net.withSignal(published), IMAGES[f], NFNET);
        }
    }

    private void light() {
        NfUnit unit = NfUnit.DEFAULT.with().groupWidth(64).extra(true).build();
        NfUnit squeezed = unit.withSqueezeExcitation(0.25);
        NfUnit narrow = squeezed.with().groupWidth(8).ratio(0.25).build();
        NfNet small = net(quad(), List.of(1, 1, 1, 1), List.of(32, 64, 96, 128), narrow);
        add("test-nfnet", silu(small).withFeatures(192), 160, NFNET + "; small, for tests of timm");
        List<Integer> first = List.of(1, 2, 6, 3);
        add("nfnet-l0", light(first, squeezed, 2304), 224, NFNET + "; light, by timm");
        NfUnit eca = unit.withAttention(ECA);
        add("eca-nfnet-l0", light(first, eca, 2304), 224, NFNET + "; light, by timm");
        for (int f = 1; f <= 3; f++) {
            int factor = f + 1;
            List<Integer> units = first.stream().map(n -> n * factor).toList();
            int image = List.of(256, 320, 352).get(f - 1);
            add("eca-nfnet-l" + f, light(units, eca, 3072), image, NFNET + "; light, by timm");
        }
    }

    private static NfNet light(List<Integer> units, NfUnit unit, int features) {
        return silu(net(quad(), units, WIDTHS, unit)).withFeatures(features);
    }

    private static Stem quad() {
        return new Stem(List.of(16, 32, 64, 128), 3, Stem.End.CONVOLUTION);
    }

    private static NfNet silu(NfNet net) {
        return net.withSignal(net.signal().withActivation(new ActivationSpec.Silu()));
    }

    private static NfNet net(Stem stem, List<Integer> units, List<Integer> widths, NfUnit unit) {
        return Defaults.fill(NfNetBuilder.builder())
                .stem(stem)
                .units(units)
                .widths(widths)
                .unit(unit)
                .classes(1000)
                .build();
    }

    private void add(String name, NfNet net, int image, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.imagenet(image), net);
        all.add(new Preset(name, "nfnet", spec, citation));
    }
}
