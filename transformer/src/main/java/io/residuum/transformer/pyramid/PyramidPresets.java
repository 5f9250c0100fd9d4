package io.residuum.transformer.pyramid;

import io.residuum.spec.Family;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.json.PresetInputs;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.pyramid.MetaFormer.Mixer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lists published pyramid transformers and MetaFormers as presets, under their names in timm. */
public final class PyramidPresets implements PresetProvider {
    private static final String PVT = "Wang et al. 2021, arXiv:2106.13797, Table 1";
    private static final String META = "Yu et al. 2022, arXiv:2210.13452, Table 1";

    private static final List<Integer> SMALL = List.of(64, 128, 320, 512);
    private static final List<Integer> DEEP = List.of(3, 12, 18, 3);
    private static final InputSpec INPUT =
            new InputSpec.Image(
                    List.of(3, 224, 224),
                    List.of(0.485, 0.456, 0.406),
                    List.of(0.229, 0.224, 0.225));

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        pvt(all, "b0", pvt(2, 2, 2, 2).withWidths(List.of(32, 64, 160, 256)));
        pvt(all, "b1", pvt(2, 2, 2, 2));
        pvt(all, "b2", pvt(3, 4, 6, 3));
        PyramidTransformer linear = pvt(3, 4, 6, 3).withReductions(List.of(1, 1, 1, 1));
        pvt(all, "b2-li", linear.withPooled(true));
        pvt(all, "b3", pvt(3, 4, 18, 3));
        pvt(all, "b4", pvt(3, 8, 27, 3));
        pvt(all, "b5", pvt(3, 6, 40, 3).withMlpRatios(List.of(4, 4, 4, 4)));
        List<Integer> shallow = List.of(3, 3, 9, 3);
        attentive(all, "s18", shallow, SMALL);
        attentive(all, "s36", DEEP, SMALL);
        attentive(all, "m36", DEEP, List.of(96, 192, 384, 576));
        attentive(all, "b36", DEEP, List.of(128, 256, 512, 768));
        pool(all, "s12", 2, SMALL);
        pool(all, "s24", 4, SMALL);
        pool(all, "s36", 6, SMALL);
        List<Integer> medium = List.of(96, 192, 384, 768);
        pool(all, "m36", 6, medium);
        pool(all, "m48", 8, medium);
        return PresetInputs.read(PyramidPresets.class, "inputs.json").applyTo(all);
    }

    private static PyramidTransformer pvt(Integer... units) {
        return Defaults.fill(PyramidTransformerBuilder.builder())
                .units(List.of(units))
                .widths(SMALL)
                .heads(List.of(1, 2, 5, 8))
                .classes(1000)
                .build();
    }

    private static void pvt(List<Preset> all, String size, PyramidTransformer network) {
        add(all, "pvt-v2-" + size, "pvtV2", network, PVT);
    }

    /** Adds a ConvFormer, and the same with attention in the last two stages. */
    private static void attentive(
            List<Preset> all, String size, List<Integer> units, List<Integer> widths) {
        MetaFormer conv = metaFormer(units, widths, Mixer.CONVOLUTION);
        add(all, "convformer-" + size, "metaformer", conv, META);
        List<Mixer> mixers = new ArrayList<>(conv.mixers());
        Collections.fill(mixers.subList(2, 4), Mixer.ATTENTION);
        add(all, "caformer-" + size, "metaformer", conv.withMixers(mixers), META);
    }

    private static void pool(List<Preset> all, String size, int units, List<Integer> widths) {
        MetaFormer net =
                metaFormer(List.of(units, units, 3 * units, units), widths, Mixer.POOL)
                        .with()
                        .norm(new NormSpec.OfLayer(1e-6, 1, true, false, 0))
                        .hiddenHead(false)
                        .build();
        add(all, "poolformerv2-" + size, "metaformer", net, META);
    }

    private static MetaFormer metaFormer(List<Integer> units, List<Integer> widths, Mixer mixer) {
        return Defaults.fill(MetaFormerBuilder.builder())
                .units(units)
                .widths(widths)
                .mixers(Collections.nCopies(units.size(), mixer))
                .activation(new StarRelu())
                .classes(1000)
                .build();
    }

    private static void add(
            List<Preset> all, String name, String family, Family network, String citation) {
        all.add(new Preset(name, family, new ModelSpec(name, INPUT, network), citation));
    }
}
