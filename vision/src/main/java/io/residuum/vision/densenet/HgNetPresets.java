package io.residuum.vision.densenet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.densenet.HgNet.Stage;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides PP-HGNets as presets, with timm's names. */
public final class HgNetPresets implements PresetProvider {
    private static final String FIRST =
            "PaddleClas 2022, PP-HGNet, as in timm; units of Lee et al. 2019, arXiv:1904.09730";
    private static final String SECOND =
            "PaddleClas 2023, PP-HGNetV2, as in timm; backbone of Zhao et al. 2023,"
                    + " arXiv:2304.08069";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        first(
                all,
                "tiny",
                List.of(48, 48, 96),
                5,
                new int[] {96, 224, 1, 128, 448, 1, 160, 512, 2, 192, 768, 1});
        first(
                all,
                "small",
                List.of(64, 64, 128),
                6,
                new int[] {128, 256, 1, 160, 512, 1, 192, 768, 2, 224, 1024, 1});
        first(
                all,
                "base",
                List.of(96, 96, 160),
                7,
                new int[] {192, 320, 1, 224, 640, 2, 256, 960, 3, 288, 1280, 2});
        second(
                all,
                0,
                List.of(16, 16),
                3,
                new int[] {16, 64, 1, 32, 256, 1, 64, 512, 2, 128, 1024, 1});
        second(
                all,
                1,
                List.of(24, 32),
                3,
                new int[] {32, 64, 1, 48, 256, 1, 96, 512, 2, 192, 1024, 1});
        second(
                all,
                2,
                List.of(24, 32),
                4,
                new int[] {32, 96, 1, 64, 384, 1, 128, 768, 3, 256, 1536, 1});
        second(
                all,
                3,
                List.of(24, 32),
                5,
                new int[] {32, 128, 1, 64, 512, 1, 128, 1024, 3, 256, 2048, 1});
        second(
                all,
                4,
                List.of(32, 48),
                6,
                new int[] {48, 128, 1, 96, 512, 1, 192, 1024, 3, 384, 2048, 1});
        second(
                all,
                5,
                List.of(32, 64),
                6,
                new int[] {64, 128, 1, 128, 512, 2, 256, 1024, 5, 512, 2048, 2});
        second(
                all,
                6,
                List.of(48, 96),
                6,
                new int[] {96, 192, 2, 192, 512, 3, 384, 1024, 6, 768, 2048, 3});
        return StandardInputs.published(all);
    }

    private static void first(
            List<Preset> all, String size, List<Integer> stem, int layers, int[] table) {
        add(all, "hgnet-" + size, net(stem, layers, table, false, false), FIRST);
    }

    private static void second(
            List<Preset> all, int size, List<Integer> stem, int layers, int[] table) {
        add(all, "hgnetv2-b" + size, net(stem, layers, table, true, size < 4), SECOND);
    }

    /** Returns a network of a table with the width, the channels and the units of each stage. */
    private static HgNet net(
            List<Integer> stem, int layers, int[] table, boolean second, boolean affine) {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < table.length; i += 3) {
            boolean late = second && i >= table.length / 2;
            stages.add(new Stage(table[i], table[i + 1], table[i + 2], layers, late ? 5 : 3, late));
        }
        return Defaults.fill(HgNetBuilder.builder())
                .stem(stem)
                .stages(stages)
                .affine(affine)
                .classes(1000)
                .build();
    }

    private static void add(List<Preset> all, String name, HgNet net, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "hgnet", spec, citation));
    }
}
