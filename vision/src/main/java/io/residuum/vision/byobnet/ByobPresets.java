package io.residuum.vision.byobnet;

import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.EfficientChannelAttention;
import io.residuum.spec.layers.attention.GlobalContext;
import io.residuum.vision.byobnet.ByobBlock.Kind;
import io.residuum.vision.byobnet.ByobStem.Pool;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides RepVGG, MobileOne, GENet, RegNetZ, CLIP's and timm's further ResNets as presets. */
public final class ByobPresets implements PresetProvider {
    private static final String GENET = "Lin et al. 2020, arXiv:2006.14090, Table 1";
    private static final String REPVGG = "Ding et al. 2021, arXiv:2101.03697, Table 2";
    private static final String MOBILEONE = "Vasu et al. 2022, arXiv:2206.04040, Table 2";
    private static final String REGNETZ = "Dollar et al. 2021, arXiv:2103.06877; sizes of timm";
    private static final String RESNET = "He et al. 2015, arXiv:1512.03385; sizes of timm";
    private static final String CLIP = "Radford et al. 2021, arXiv:2103.00020, Table 19";
    private static final String GCNET = "Cao et al. 2019, arXiv:1904.11492; sizes of timm";

    private static final ByobUnit SILU = ByobUnit.DEFAULT.withActivation(new ActivationSpec.Silu());
    private static final ByobUnit SE = SILU.withSqueezeExcitation(1.0 / 16);
    private static final ByobUnit ECA = SILU.withAttention(new EfficientChannelAttention("eca", 0));
    private static final GlobalContext CONTEXT = new GlobalContext("context", 8, true);

    private static final int[] WIDTHS = {64, 128, 256, 512};
    private static final List<Integer> QUAD = List.of(16, 32, 64, 128);
    private static final ByobStem TIERED = stem(List.of(24, 32, 64), Pool.NONE);
    private static final ByobStem TIERED_POOL = stem(List.of(24, 32, 64), Pool.MAX);

    private final List<Preset> all = new ArrayList<>();

    @Override
    public List<Preset> presets() {
        ByobPresets made = new ByobPresets();
        made.genet();
        made.repVgg();
        made.mobileOne();
        made.resNets();
        made.regNetZ();
        made.clip();
        made.small();
        return StandardInputs.published(made.all);
    }

    private void genet() {
        add("gernet-l", genet(List.of(32), 128, 192, 640, 640, new int[] {2, 6, 5, 4}), 256, GENET);
        add("gernet-m", genet(List.of(32), 128, 192, 640, 640, new int[] {2, 6, 4, 1}), 224, GENET);
        ByobNet small = genet(List.of(13), 48, 48, 384, 560, new int[] {3, 7, 2, 1});
        List<List<ByobBlock>> stages = new ArrayList<>(small.stages());
        stages.set(4, List.of(stages.get(4).get(0).withChannels(256)));
        add("gernet-s", small.with().stages(stages).features(1920).build(), 224, GENET);
    }

    private static ByobNet genet(
            List<Integer> stem, int c1, int c2, int c3, int c4, int[] repeats) {
        List<List<ByobBlock>> stages =
                List.of(
                        List.of(row(Kind.BASIC, 1, c1, 2, 0, 1)),
                        List.of(row(Kind.BASIC, repeats[0], c2, 2, 0, 1)),
                        List.of(row(Kind.BOTTLENECK, repeats[1], c3, 2, 0, 0.25)),
                        List.of(row(Kind.BOTTLENECK, repeats[2], c4, 2, 1, 3)),
                        List.of(row(Kind.BOTTLENECK, repeats[3], c4, 1, 1, 3)));
        return net(stem(stem, Pool.NONE), stages, ByobUnit.DEFAULT).withFeatures(2560);
    }

    private void repVgg() {
        int[] a = {2, 4, 14, 1};
        int[] b = {4, 6, 16, 1};
        add("repvgg-a0", repVgg(48, a, 1, 0.75, 2.5), 224, REPVGG);
        add("repvgg-a1", repVgg(64, a, 1, 1, 2.5), 224, REPVGG);
        add("repvgg-a2", repVgg(64, a, 1, 1.5, 2.75), 224, REPVGG);
        add("repvgg-b0", repVgg(64, b, 1, 1, 2.5), 224, REPVGG);
        add("repvgg-b1", repVgg(64, b, 1, 2, 4), 224, REPVGG);
        add("repvgg-b1g4", repVgg(64, b, 4, 2, 4), 224, REPVGG);
        add("repvgg-b2", repVgg(64, b, 1, 2.5, 5), 224, REPVGG);
        add("repvgg-b2g4", repVgg(64, b, 4, 2.5, 5), 224, REPVGG);
        add("repvgg-b3", repVgg(64, b, 1, 3, 5), 224, REPVGG);
        add("repvgg-b3g4", repVgg(64, b, 4, 3, 5), 224, REPVGG);
        ByobNet squeezed =
                repVgg(64, new int[] {8, 14, 24, 1}, 1, 2.5, 5)
                        .withUnit(
                                ByobUnit.DEFAULT
                                        .with()
                                        .squeezeExcitation(1.0 / 16)
                                        .squeezeDivisor(1)
                                        .build());
        add("repvgg-d2se", squeezed, 320, REPVGG + "; by the authors");
    }

    /** Returns a RepVGG; every second block has several groups. */
    private static ByobNet repVgg(int stem, int[] depths, int groups, double first, double last) {
        List<List<ByobBlock>> stages = new ArrayList<>();
        for (int s = 0; s < depths.length; s++) {
            int width = (int) (WIDTHS[s] * (s == depths.length - 1 ? last : first));
            List<ByobBlock> rows = new ArrayList<>();
            for (int i = 0; i < depths[s]; i++) {
                int group = groups > 1 && i % 2 == 1 ? width / groups : 0;
                rows.add(row(Kind.REPVGG, 1, width, i == 0 ? 2 : 1, group, 1));
            }
            stages.add(rows);
        }
        return net(foldable(stem, Kind.REPVGG), stages, ByobUnit.DEFAULT);
    }

    private void mobileOne() {
        double[][] widths = {
            {0.75, 1, 1, 2}, {1.5, 1.5, 2, 2.5}, {1.5, 2, 2.5, 4}, {2, 2.5, 3, 4}, {3, 3.5, 3.5, 4}
        };
        int[] none = {0, 0, 0, 0};
        for (int s = 0; s < widths.length; s++) {
            int[] squeezed = s == 4 ? new int[] {0, 0, 5, 1} : none;
            ByobNet net = mobileOne(s == 0 ? 48 : 64, widths[s], squeezed, s == 0 ? 4 : 1);
            add("mobileone-s" + s, net, 224, MOBILEONE);
        }
    }

    /** Returns pairs of a depthwise and a 1x1 block; the last ones of a stage have attention. */
    private static ByobNet mobileOne(int stem, double[] factors, int[] squeezed, int branches) {
        int[] depths = {2, 8, 10, 1};
        List<List<ByobBlock>> stages = new ArrayList<>();
        int channels = stem;
        for (int s = 0; s < depths.length; s++) {
            List<ByobBlock> rows = new ArrayList<>();
            int width = (int) (WIDTHS[s] * factors[s]);
            for (int i = 0; i < depths[s]; i++) {
                boolean attends = i >= depths[s] - squeezed[s];
                ByobBlock depthwise = row(Kind.MOBILEONE, 1, channels, i == 0 ? 2 : 1, 1, 1);
                ByobBlock pointwise = row(Kind.MOBILEONE, 1, width, 1, 0, 1).withKernel(1);
                for (ByobBlock block : List.of(depthwise, pointwise)) {
                    rows.add(block.with().branches(branches).attention(attends).build());
                }
                channels = width;
            }
            stages.add(rows);
        }
        boolean attends = squeezed[3] > 0;
        return net(
                foldable(stem, Kind.MOBILEONE),
                stages,
                attends ? ByobUnit.DEFAULT.withSqueezeExcitation(1.0 / 16) : ByobUnit.DEFAULT);
    }

    private void resNets() {
        ByobBlock depthwise = row(Kind.BOTTLENECK, 4, 1536, 2, 1, 1);
        List<List<ByobBlock>> q =
                List.of(
                        List.of(row(Kind.BOTTLENECK, 2, 256, 1, 32, 0.25)),
                        List.of(row(Kind.BOTTLENECK, 4, 512, 2, 32, 0.25)),
                        List.of(row(Kind.BOTTLENECK, 6, 1536, 2, 32, 0.25)),
                        List.of(depthwise));
        ByobStem plain = new ByobStem(QUAD, 3, Pool.NONE, 2, Kind.BASIC, true);
        add("resnet51q", net(plain, q, SILU).withFeatures(2048), 256, RESNET);
        List<List<ByobBlock>> edge = new ArrayList<>(q);
        edge.set(0, List.of(row(Kind.EDGE, 1, 256, 1, 0, 1)));
        ByobNet extra = net(stem(QUAD, Pool.NONE), edge, SILU.withExtra(true)).withFeatures(2048);
        add("resnet61q", extra, 256, RESNET);

        int[] u26 = {2, 2, 2, 2};
        int[] u33 = {2, 3, 3, 2};
        int[] u50 = {3, 4, 6, 3};
        ByobUnit context = SILU.withAttention(CONTEXT);
        add("resnext26ts", resNet(TIERED_POOL, u26, 1024, 32, SILU), 256, RESNET);
        add("gcresnext26ts", resNet(TIERED_POOL, u26, 1024, 32, context), 256, GCNET);
        add("seresnext26ts", resNet(TIERED_POOL, u26, 1024, 32, SE), 256, RESNET);
        add("eca-resnext26ts", resNet(TIERED_POOL, u26, 1024, 32, ECA), 256, RESNET);
        add("resnet32ts", resNet(TIERED, u33, 1536, 0, SILU), 256, RESNET);
        add("resnet33ts", resNet(TIERED, u33, 1536, 0, SILU).withFeatures(1280), 256, RESNET);
        add("gcresnet33ts", resNet(TIERED, u33, 1536, 0, context).withFeatures(1280), 256, GCNET);
        add("seresnet33ts", resNet(TIERED, u33, 1536, 0, SE).withFeatures(1280), 256, RESNET);
        add("eca-resnet33ts", resNet(TIERED, u33, 1536, 0, ECA).withFeatures(1280), 256, RESNET);
        ByobUnit relu = ByobUnit.DEFAULT.withAttention(CONTEXT);
        add("gcresnet50t", resNet(TIERED, u50, 1024, 0, relu), 256, GCNET);
        add("gcresnext50ts", resNet(TIERED_POOL, u50, 1024, 32, context), 256, GCNET);
    }

    /** Returns bottlenecks; the last stage of the narrow ones doubles the width. */
    private static ByobNet resNet(ByobStem stem, int[] units, int third, int group, ByobUnit unit) {
        int[] widths = {256, 512, third, third == 1024 ? 2048 : third};
        return net(stem, bottlenecks(units, widths, 1, group, 0.25), unit);
    }

    private void regNetZ() {
        int[] c = {48, 96, 192, 288};
        int[] d = {64, 128, 256, 384};
        int[] units = {2, 6, 12, 2};
        int[] deeper = {3, 6, 12, 3};
        int[] deepest = {3, 8, 16, 3};
        ByobStem small = stem(List.of(32), Pool.NONE);
        regNetZ("regnetz-b16", small, 1536, 224, bottlenecks(units, c, 2, 16, 3));
        regNetZ("regnetz-c16", small, 1536, 256, bottlenecks(units, c, 2, 16, 4));
        regNetZ("regnetz-d32", TIERED, 1792, 256, bottlenecks(deeper, d, 1, 32, 4));
        regNetZ("regnetz-d8", TIERED, 1792, 256, bottlenecks(deeper, d, 1, 8, 4));
        int[] e = {96, 192, 384, 512};
        regNetZ("regnetz-e8", TIERED, 2048, 256, bottlenecks(deepest, e, 1, 8, 4));
    }

    private void regNetZ(
            String name, ByobStem stem, int features, int image, List<List<ByobBlock>> stages) {
        ByobUnit unit =
                SILU.with()
                        .squeezeExcitation(0.25)
                        .shortcut(ByobUnit.Shortcut.NONE)
                        .ratioOfInput(true)
                        .linear(true)
                        .build();
        ByobNet net = net(stem, stages, unit).withFeatures(features);
        add(name, net, StandardInputs.symmetric(image), REGNETZ);
    }

    private void clip() {
        int[] u50 = {3, 4, 6, 3};
        clip("resnet50", u50, 4, 224, 1024);
        clip("resnet101", new int[] {3, 4, 23, 3}, 4, 224, 512);
        clip("resnet50x4", new int[] {4, 6, 10, 6}, 5, 288, 640);
        clip("resnet50x16", new int[] {6, 8, 18, 8}, 6, 384, 768);
        clip("resnet50x64", new int[] {3, 15, 36, 10}, 8, 448, 1024);
        add("resnet50-mlp", clip(u50, 4).withHidden(1024), 256, CLIP + "; a hidden layer by timm");
    }

    /** Adds a ResNet of CLIP with attention pooling, and one with the mean and no classifier. */
    private void clip(String name, int[] units, int width, int image, int classes) {
        ByobNet net = clip(units, width).withClasses(classes);
        InputSpec input = StandardInputs.clip(image);
        // Heads have 64 channels.
        add(name + "-clip", net.withPoolHeads(8 * width), input, CLIP);
        add(name + "-clip-gap", net.withClasses(0), input, CLIP);
    }

    /** Returns bottlenecks of CLIP, in quarters of the usual width. */
    private static ByobNet clip(int[] units, int width) {
        int[] widths = {64 * width, 128 * width, 256 * width, 512 * width};
        ByobUnit unit =
                ByobUnit.DEFAULT
                        .with()
                        .shortcut(ByobUnit.Shortcut.POOLED)
                        .averageStride(true)
                        .build();
        ByobStem stem = stem(List.of(8 * width, 8 * width, 16 * width), Pool.AVERAGE2);
        return net(stem, bottlenecks(units, widths, 1, 0, 0.25), unit);
    }

    private void small() {
        List<List<ByobBlock>> stages =
                List.of(
                        List.of(row(Kind.EDGE, 1, 32, 2, 0, 0.5)),
                        List.of(row(Kind.DARK, 1, 64, 2, 0, 0.5)),
                        List.of(row(Kind.BASIC, 1, 128, 2, 32, 0.25)),
                        List.of(row(Kind.BOTTLENECK, 1, 256, 2, 64, 0.25)));
        ByobUnit unit =
                ByobUnit.DEFAULT
                        .with()
                        .squeezeExcitation(0.25)
                        .shortcut(ByobUnit.Shortcut.POOLED)
                        .build();
        ByobNet net = net(stem(List.of(24), Pool.NONE), stages, unit);
        add("test-byobnet", net, 160, RESNET + "; small, for tests of timm");
    }

    private static List<List<ByobBlock>> bottlenecks(
            int[] units, int[] widths, int firstStride, int group, double ratio) {
        List<List<ByobBlock>> stages = new ArrayList<>();
        for (int s = 0; s < units.length; s++) {
            int stride = s == 0 ? firstStride : 2;
            stages.add(List.of(row(Kind.BOTTLENECK, units[s], widths[s], stride, group, ratio)));
        }
        return stages;
    }

    private static ByobBlock row(
            Kind kind, int repeats, int channels, int stride, int groupWidth, double ratio) {
        return new ByobBlock(kind, repeats, channels, stride, groupWidth, ratio, 3, 1, true);
    }

    private static ByobStem stem(List<Integer> widths, Pool pool) {
        return new ByobStem(widths, 3, pool, 0, Kind.BASIC, true);
    }

    private static ByobStem foldable(int width, Kind kind) {
        return new ByobStem(List.of(width), 3, Pool.NONE, 0, kind, kind == Kind.REPVGG);
    }

    private static ByobNet net(ByobStem stem, List<List<ByobBlock>> stages, ByobUnit unit) {
        return Defaults.fill(ByobNetBuilder.builder())
                .stem(stem)
                .stages(stages)
                .unit(unit)
                .classes(1000)
                .build();
    }

    private void add(String name, ByobNet net, int image, String citation) {
        add(name, net, StandardInputs.imagenet(image), citation);
    }

    private void add(String name, ByobNet net, InputSpec input, String citation) {
        all.add(new Preset(name, "byobnet", new ModelSpec(name, input, net), citation));
    }
}
