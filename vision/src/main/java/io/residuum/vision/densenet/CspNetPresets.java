package io.residuum.vision.densenet;

import io.residuum.nn.Shapes;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.vision.densenet.CspNet.CrossStage;
import io.residuum.vision.densenet.CspNet.Stage;
import io.residuum.vision.densenet.CspNet.Stem;
import io.residuum.vision.densenet.CspNet.Unit;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides cross stage partial networks and DarkNets as presets, with timm's names. */
public final class CspNetPresets implements PresetProvider {
    private static final String CSP = "Wang et al. 2019, arXiv:1911.11929, Section 4";
    private static final String DARKNET = "Redmon and Farhadi 2018, arXiv:1804.02767, Section 2.4";
    private static final String YOLO = CSP + "; as in YOLOv5, sizes of timm";
    private static final double SQUEEZE = 1.0 / 16;

    private static final Stem DARK_STEM = new Stem(List.of(32), 3, 1, false);
    private static final Stem POOLED = new Stem(List.of(64), 7, 2, true);
    private static final Stem DEEP = new Stem(List.of(32, 32, 64), 3, 2, true);
    private static final int[] SHALLOW = {1, 1, 1, 1, 1};
    private static final int[] MEDIUM = {1, 1, 1, 2, 2};
    private static final int[] FULL = {1, 2, 8, 8, 4};

    private final List<Preset> all = new ArrayList<>();

    @Override
    public List<Preset> presets() {
        CspNetPresets made = new CspNetPresets();
        made.resNets();
        made.darkNets();
        made.yolo();
        return StandardInputs.published(made.all);
    }

    private void resNets() {
        Stage narrow = stage(1, 128, 2, 1, 0.5, 1);
        Stage wide = stage(1, 256, 1, 0.5, 0.25, 1);
        add("cspresnet50", resNet(POOLED, narrow), CSP);
        add("cspresnet50d", resNet(DEEP, narrow), CSP);
        add("cspresnet50w", resNet(DEEP, wide), CSP);
        add("cspresnext50", resNet(POOLED, wide.with().ratio(1).groups(32).build()), CSP);
    }

    private static CspNet resNet(Stem stem, Stage first) {
        int[] units = {3, 3, 5, 2};
        List<Stage> stages = new ArrayList<>();
        for (int s = 0; s < units.length; s++) {
            stages.add(
                    first.with()
                            .units(units[s])
                            .channels(first.channels() << s)
                            .stride(s == 0 ? 1 : 2)
                            .build());
        }
        return net(stem, CrossStage.TRANSITION, stages)
                .with()
                .unit(Unit.BOTTLENECK)
                .linearSplit(true)
                .build();
    }

    private void darkNets() {
        List<Stage> stages = new ArrayList<>();
        for (int s = 0; s < FULL.length; s++) {
            boolean first = s == 0;
            stages.add(stage(FULL[s], 64 << s, first ? 2 : 1, first ? 1 : 0.5, first ? 0.5 : 1, 1));
        }
        add(
                "cspdarknet53",
                net(DARK_STEM, CrossStage.TRANSITION, stages).withWiderDownsample(true),
                CSP);
        add("darknet17", darkNet(SHALLOW), DARKNET);
        add("darknet21", darkNet(MEDIUM), DARKNET);
        add("sedarknet21", darkNet(MEDIUM).withSqueezeExcitation(SQUEEZE), DARKNET);
        add("darknet53", darkNet(FULL), DARKNET);
        add("darknetaa53", darkNet(FULL).withAverageDownsample(true), DARKNET);
    }

    private static CspNet darkNet(int[] units) {
        List<Stage> stages = new ArrayList<>();
        for (int s = 0; s < units.length; s++) {
            stages.add(stage(units[s], 64 << s, 1, 1, 0.5, 1));
        }
        return net(DARK_STEM, CrossStage.NONE, stages);
    }

    private void yolo() {
        add("cs3darknet-s", yolo(0.5, 0.5), YOLO);
        add("cs3darknet-m", yolo(0.75, 0.67), YOLO);
        add("cs3darknet-l", yolo(1, 1), YOLO);
        CspNet largest = yolo(1.25, 1.33);
        add("cs3darknet-x", largest, YOLO);
        add("cs3darknet-focus-s", focus(yolo(0.5, 0.5)), YOLO);
        add("cs3darknet-focus-m", focus(yolo(0.75, 0.67)), YOLO);
        add("cs3darknet-focus-l", focus(yolo(1, 1)), YOLO);
        add("cs3darknet-focus-x", focus(largest), YOLO);
        add("cs3sedarknet-l", yolo(1, 1).withSqueezeExcitation(0.25), YOLO);
        add("cs3sedarknet-x", largest.withSqueezeExcitation(SQUEEZE), YOLO);
        List<Stage> depthwise =
                List.of(
                        stage(3, 256, 1, 0.5, 0.5, 1),
                        stage(6, 512, 1, 0.5, 0.5, 1),
                        stage(12, 1024, 1, 0.5, 0.5, 256),
                        stage(4, 2048, 1, 0.5, 0.5, 512));
        CspNet xdw =
                net(new Stem(List.of(32, 64), 3, 2, false), CrossStage.TRANSITION, depthwise)
                        .with()
                        .unit(Unit.BOTTLENECK)
                        .squeezeExcitation(SQUEEZE)
                        .activation(new ActivationSpec.Silu())
                        .build();
        add("cs3sedarknet-xdw", xdw, YOLO);
        List<Stage> fused = largest.stages().stream().map(s -> s.withRatio(1.5)).toList();
        CspNet edge = largest.with().unit(Unit.EDGE).stages(fused).build();
        add("cs3edgenet-x", edge, YOLO);
        add("cs3se-edgenet-x", edge.withSqueezeExcitation(0.25), YOLO);
    }

    private static CspNet yolo(double width, double depth) {
        int[] units = {3, 6, 9, 3};
        List<Stage> stages = new ArrayList<>();
        for (int s = 0; s < units.length; s++) {
            stages.add(stage((int) (units[s] * depth), channels(128 << s, width), 1, 0.5, 1, 1));
        }
        List<Integer> stem = List.of(channels(32, width), channels(64, width));
        return net(new Stem(stem, 3, 2, false), CrossStage.DIRECT, stages)
                .withActivation(new ActivationSpec.Silu());
    }

    private static CspNet focus(CspNet net) {
        return net.withStem(new Stem(List.of(net.stem().widths().get(1)), 6, 2, false));
    }

    private static int channels(int published, double factor) {
        return Shapes.divisible(published * factor, 8, 0.9);
    }

    private static Stage stage(
            int units, int channels, double expansion, double width, double ratio, int groups) {
        return new Stage(units, channels, 2, expansion, width, ratio, groups);
    }

    private static CspNet net(Stem stem, CrossStage split, List<Stage> stages) {
        return Defaults.fill(CspNetBuilder.builder())
                .stem(stem)
                .stages(stages)
                .split(split)
                .classes(1000)
                .build();
    }

    private void add(String name, CspNet net, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.imagenet(256), net);
        all.add(new Preset(name, "cspnet", spec, citation));
    }
}
