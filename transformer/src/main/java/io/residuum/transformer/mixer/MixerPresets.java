package io.residuum.transformer.mixer;

import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.PresetInputs;
import io.residuum.spec.layers.ActivationSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lists published MLP-Mixers, ResMLPs and gMLPs as presets, under their names in timm. */
public final class MixerPresets implements PresetProvider {
    private static final String MIXER = "Tolstikhin et al. 2021, arXiv:2105.01601, Table 1";
    private static final String GLU_MIXER =
            "MLP-Mixer (Tolstikhin et al. 2021, arXiv:2105.01601) with the gates of Shazeer 2020,"
                    + " arXiv:2002.05202, as in timm";
    private static final String RES_MLP = "Touvron et al. 2021, arXiv:2105.03404, Table 1";
    private static final String G_MLP = "Liu et al. 2021, arXiv:2105.08050, Table 1";

    private static final InputSpec HALF = input(0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
    private static final InputSpec IMAGENET = input(0.485, 0.456, 0.406, 0.229, 0.224, 0.225);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int patch : new int[] {32, 16}) {
            add(all, "mixer-s" + patch, HALF, MlpMixer.of(patch, 512, 8), MIXER);
            add(all, "mixer-b" + patch, HALF, MlpMixer.of(patch, 768, 12), MIXER);
            add(all, "mixer-l" + patch, HALF, MlpMixer.of(patch, 1024, 24), MIXER);
        }
        for (int depth : new int[] {12, 24}) {
            add(all, "gmixer-" + depth, IMAGENET, gluMixer(depth), GLU_MIXER);
        }
        add(all, "resmlp-12", IMAGENET, resMlp(MlpMixer.of(16, 384, 12), 1e-4), RES_MLP);
        add(all, "resmlp-24", IMAGENET, resMlp(MlpMixer.of(16, 384, 24), 1e-5), RES_MLP);
        add(all, "resmlp-36", IMAGENET, resMlp(MlpMixer.of(16, 384, 36), 1e-6), RES_MLP);
        add(all, "resmlp-big-24", IMAGENET, resMlp(MlpMixer.of(8, 768, 24), 1e-6), RES_MLP);
        add(all, "gmlp-ti16", HALF, gMlp(128), G_MLP);
        add(all, "gmlp-s16", HALF, gMlp(256), G_MLP);
        add(all, "gmlp-b16", HALF, gMlp(512), G_MLP);
        return PresetInputs.read(MixerPresets.class, "inputs.json").applyTo(all);
    }

    private static MlpMixer gluMixer(int depth) {
        return MlpMixer.of(16, 384, depth)
                .with()
                .mlpRatio(2)
                .activation(new ActivationSpec.Silu())
                .gated(true)
                .build();
    }

    private static MlpMixer resMlp(MlpMixer mixer, double scale) {
        return mixer.with()
                .mixing(new TokenMixing.Linear())
                .norm(new AffineNorm(1))
                .scale(new ScaleSpec.Learned(scale, true))
                .build();
    }

    private static MlpMixer gMlp(int width) {
        return MlpMixer.of(16, width, 30).with().mixing(new TokenMixing.Gate()).mlpRatio(6).build();
    }

    private static InputSpec input(double... meanAndStd) {
        List<Double> all = Arrays.stream(meanAndStd).boxed().toList();
        return new InputSpec.Image(List.of(3, 224, 224), all.subList(0, 3), all.subList(3, 6));
    }

    private static void add(
            List<Preset> all, String size, InputSpec input, MlpMixer network, String citation) {
        String name = size + "-224";
        all.add(new Preset(name, "mlpMixer", new ModelSpec(name, input, network), citation));
    }
}
