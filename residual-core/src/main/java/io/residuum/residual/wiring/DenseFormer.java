package io.residuum.residual.wiring;

import io.residuum.residual.Stream;
import io.residuum.residual.stream.Average;
import io.residuum.residual.stream.Save;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * DenseFormer (Pagliardini et al. 2024, arXiv:2402.02622, Section 3): after each block a learned
 * average of its output, the outputs of earlier blocks and the first block's input. It starts as
 * the plain network.
 *
 * @param period the number of blocks between two averages. Default: 1
 * @param dilation the distance in blocks between the states of an average. Default: 1
 */
@TypeName("denseFormer")
public record DenseFormer(@Default("1") int period, @Default("1") int dilation) implements Wiring {
    public DenseFormer {
        Check.positive("period", period);
        Check.positive("dilation", dilation);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        List<LayerSpec> layers = new ArrayList<>(blocks.subList(0, firstChanges ? 1 : 0));
        int start = layers.size();
        int count = blocks.size() - start;
        saveIfRead(layers, 0, count);
        for (int i = 1; i <= count; i++) {
            layers.add(blocks.get(start + i - 1));
            saveIfRead(layers, i, count);
            List<String> of = new ArrayList<>();
            for (int earlier = 0; earlier < i; earlier++) {
                if (reads(i, earlier)) {
                    of.add("x" + earlier);
                }
            }
            if (!of.isEmpty()) {
                layers.add(new Average("average" + i, new Names(of), List.of()));
            }
        }
        return Stream.of(name, layers);
    }

    private boolean reads(int average, int state) {
        return average % period == 0 && (average - state) % dilation == 0;
    }

    private void saveIfRead(List<LayerSpec> layers, int state, int count) {
        for (int later = state + 1; later <= count; later++) {
            if (reads(later, state)) {
                layers.add(new Save("save" + state, "x" + state));
                return;
            }
        }
    }
}
