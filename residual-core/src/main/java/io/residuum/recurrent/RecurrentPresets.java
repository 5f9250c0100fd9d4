package io.residuum.recurrent;

import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.spatial.Reshape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Provides recurrent networks for two tasks of the literature: the adding problem, and images of
 * digits that are read row by row.
 */
public final class RecurrentPresets implements PresetProvider {
    private static final String ADDING =
            "Hochreiter and Schmidhuber 1997, Section 5.4; Le et al. 2015, arXiv:1504.00941";
    private static final String ROWS = "rows of MNIST as in Keras' and PyTorch's examples";
    private static final int ADDING_UNITS = 100;
    private static final int ROW_UNITS = 128;
    private static final int PIXELS = 28;
    private static final int DIGITS = 10;

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int length : new int[] {100, 400}) {
            networks(ADDING_UNITS).forEach((name, layer) -> all.add(adding(name, length, layer)));
        }
        networks(ROW_UNITS).forEach((name, layer) -> all.add(rows(name, layer)));
        return all;
    }

    /** Lists them last, since most users look for networks for images or text. */
    @Override
    public int rank() {
        return 1;
    }

    private static Map<String, LayerSpec> networks(int units) {
        String layer = "recurrent";
        Map<String, LayerSpec> all = new LinkedHashMap<>();
        all.put("lstm", Lstm.builder(layer, units).output(Output.LAST).build());
        all.put("lstm1997", Lstm1997.builder(layer, units).output(Output.LAST).build());
        all.put("gru", Gru.builder(layer, units).output(Output.LAST).build());
        all.put("rnn", Rnn.builder(layer, units).output(Output.LAST).build());
        all.put("residual-rnn", ResidualRnn.builder(layer, units).output(Output.LAST).build());
        return all;
    }

    /** {@return a network that reads numbers and marks of two of them, and returns their sum} */
    private static Preset adding(String name, int length, LayerSpec layer) {
        String full = "adding-" + length + "-" + name;
        InputSpec input = new InputSpec.Features(List.of(length, 2));
        LayerSpec network = new Sequential("", layer, new Linear("head", 1));
        return new Preset(full, "recurrent", new ModelSpec(full, input, network), ADDING);
    }

    private static Preset rows(String name, LayerSpec layer) {
        String full = "mnist-rows-" + name;
        InputSpec input = new InputSpec.Image(List.of(1, PIXELS, PIXELS), List.of(), List.of());
        LayerSpec network =
                new Sequential(
                        "",
                        new Reshape("rows", List.of(PIXELS, PIXELS)),
                        layer,
                        new Linear("head", DIGITS));
        return new Preset(full, "recurrent", new ModelSpec(full, input, network), ROWS);
    }
}
