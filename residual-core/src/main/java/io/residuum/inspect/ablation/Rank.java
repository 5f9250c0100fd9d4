package io.residuum.inspect.ablation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.Unit;
import io.residuum.inspect.UnitHook;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.ParallelBlock;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.nn.trait.AttentionHeads;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures the distance of tokens to rank one by layer (Dong et al. 2021, arXiv:2103.03404, Figure
 * 2): the norm of {@code X - 1 x^T} divided by the norm of X, in which x is the mean of the tokens.
 * At 0 all tokens are equal. It is measured as is, without shortcuts, without feed-forward layers,
 * and with attention alone. The norms are the paper's {@code sqrt(|X|_1 |X|_inf)} and Frobenius.
 *
 * <p>A layer is a unit with attention and the units that follow it. In a network without attention
 * the positions of an image are its tokens and each unit is a layer.
 */
@TypeName("rank")
public record Rank() implements Analysis {

    /** A network without some of its parts. */
    private enum Variant {
        WHOLE("as is", true, true),
        NO_FEED_FORWARD("no feed-forward", true, false),
        NO_SHORTCUTS("no shortcuts", false, true),
        ATTENTION_ALONE("attention alone", false, false);

        private final String label;
        private final boolean shortcuts;
        private final boolean feedForward;

        Variant(String label, boolean shortcuts, boolean feedForward) {
            this.label = label;
            this.shortcuts = shortcuts;
            this.feedForward = feedForward;
        }
    }

    /** The units after which a layer ends, by the number of the layer; -1 is the input. */
    private record Layers(List<Integer> last, boolean attention) {

        static Layers of(List<Unit> units) {
            List<Integer> last = new ArrayList<>();
            int[] attends =
                    IntStream.range(0, units.size())
                            .filter(i -> attends(units.get(i).layer()))
                            .toArray();
            if (attends.length == 0) {
                IntStream.range(-1, units.size()).forEach(last::add);
            } else {
                IntStream.of(attends).forEach(i -> last.add(i - 1));
                last.add(units.size() - 1);
            }
            return new Layers(last, attends.length > 0);
        }
    }

    @Override
    public Finding run(Subject subject) {
        List<Unit> units = subject.units();
        Layers layers = Layers.of(units);
        List<Variant> variants = variants(units, layers);
        List<Map<Integer, RankDistance>> found =
                variants.stream().<Map<Integer, RankDistance>>map(v -> new TreeMap<>()).toList();
        subject.forEachBatch(
                "rank",
                variants.size(),
                (batch, time) -> {
                    Variant variant = variants.get(time);
                    try (Ops.Pause pause = subject.network().backend().ops().pauseRecording()) {
                        subject.observe(
                                batch,
                                new Measuring(
                                        units, variant, layers, mask(batch), found.get(time)));
                    }
                });
        if (found.stream().allMatch(Map::isEmpty)) {
            throw new InspectionException(
                    "rank needs tokens, (N, T, C), or positions, (N, C, H, W), more than one, but"
                            + " units of %s return %s"
                                    .formatted(
                                            subject.network().spec().name(),
                                            units.get(0).layer().outputShape()));
        }
        return finding(units, layers, variants, found);
    }

    private static List<Variant> variants(List<Unit> units, Layers layers) {
        boolean shortcuts = units.stream().anyMatch(Unit::hasShortcut);
        boolean feedForward =
                layers.attention && units.stream().anyMatch(u -> !withoutFeedForward(u).isEmpty());
        return List.of(Variant.values()).stream()
                .filter(v -> (v.shortcuts || shortcuts) && (v.feedForward || feedForward))
                .toList();
    }

    private static @Nullable NDArray mask(Batch batch) {
        return batch.inputs().stream()
                .filter(
                        a ->
                                MaskedMeanBlock.MASK.equals(a.getName())
                                        && a.getShape().dimension() == 2)
                .findFirst()
                .orElse(null);
    }

    private static boolean attends(Layer layer) {
        return layer instanceof AttentionHeads
                || layer.children().values().stream().anyMatch(Rank::attends);
    }

    /**
     * Removes a unit without attention, or what a unit has beside its attention: it is the part of
     * a transformer that computes each token by itself.
     */
    private static Map<Layer, Layer> withoutFeedForward(Unit unit) {
        if (!attends(unit.layer())) {
            return Substitutes.canLoseBranch(unit) ? Substitutes.withoutBranch(unit) : Map.of();
        }
        Map<Layer, Layer> zeros = new IdentityHashMap<>();
        unit.layer()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof ParallelBlock && attends(layer)) {
                                layer.children().values().stream()
                                        .filter(child -> !attends(child))
                                        .forEach(c -> zeros.put(c, Substitutes.zero(c)));
                            }
                        });
        return zeros;
    }

    /** Runs a variant and measures the outputs of its layers. */
    private static final class Measuring extends UnitHook {
        private final List<Map<Layer, Layer>> replaced = new ArrayList<>();
        private final Layers layers;
        private final @Nullable NDArray mask;
        private final Map<Integer, RankDistance> found;

        Measuring(
                List<Unit> units,
                Variant variant,
                Layers layers,
                @Nullable NDArray mask,
                Map<Integer, RankDistance> found) {
            super(units);
            this.layers = layers;
            this.mask = mask;
            this.found = found;
            for (Unit unit : units) {
                Map<Layer, Layer> parts = new IdentityHashMap<>();
                if (!variant.feedForward) {
                    parts.putAll(withoutFeedForward(unit));
                }
                // A unit that is gone keeps its shortcut.
                boolean gone = !variant.feedForward && !attends(unit.layer());
                if (!variant.shortcuts && !gone) {
                    parts.putAll(Substitutes.withoutShortcut(unit));
                }
                replaced.add(parts);
            }
        }

        @Override
        protected Layer replace(int unit, Layer layer) {
            return replaced.get(unit).getOrDefault(layer, layer);
        }

        @Override
        protected void input(int unit, Layer layer, NDList inputs) {
            if (unit == layers.last.get(0) + 1) {
                measure(unit - 1, inputs.head(), layer.inputShape());
            }
        }

        @Override
        protected void unit(int unit, Layer layer, NDList outputs) {
            if (unit > layers.last.get(0) && layers.last.contains(unit)) {
                measure(unit, outputs.head(), layer.outputShape());
            }
        }

        private void measure(int unit, NDArray x, Shape layout) {
            RankDistance.tokens(x, layout)
                    .ifPresent(
                            tokens ->
                                    found.computeIfAbsent(unit, u -> new RankDistance())
                                            .add(tokens, fits(tokens) ? mask : null));
        }

        private boolean fits(NDArray tokens) {
            return mask != null && mask.getShape().equals(tokens.getShape().slice(0, 2));
        }
    }

    private static Finding finding(
            List<Unit> units,
            Layers layers,
            List<Variant> variants,
            List<Map<Integer, RankDistance>> found) {
        List<String> columns = new ArrayList<>(List.of("layer", "after"));
        variants.forEach(v -> columns.add(v.label));
        variants.forEach(v -> columns.add(v.label + ", Frobenius"));
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int number = 0; number < layers.last.size(); number++) {
            int unit = layers.last.get(number);
            List<@Nullable Object> row = new ArrayList<>();
            row.add(number);
            row.add(unit < 0 ? "input" : units.get(unit).path());
            RankDistance none = new RankDistance();
            found.forEach(byUnit -> row.add(byUnit.getOrDefault(unit, none).composite()));
            found.forEach(byUnit -> row.add(byUnit.getOrDefault(unit, none).frobenius()));
            rows.add(row);
        }
        Table table = new Table("layers", columns, rows);
        return new Finding(
                "rank",
                "Distance to rank one",
                "Norm of the tokens without their mean, relative to the norm of the tokens, after"
                        + " each layer. At 0 all tokens are equal, and what follows cannot tell"
                        + " them apart. Below 1e-6 it is rounding.",
                List.of(table),
                Figure.of(
                        plot(table, variants, "composite", ""),
                        plot(table, variants, "frobenius", ", Frobenius")));
    }

    private static Plot plot(Table table, List<Variant> variants, String name, String norm) {
        List<Plot.Curve> curves = new ArrayList<>();
        for (Variant variant : variants) {
            // The last curve is the main one.
            curves.add(
                    0,
                    new Plot.Curve(
                            variant.label,
                            table.numbers("layer"),
                            table.numbers(variant.label + norm)));
        }
        return new Plot(name, "Distance to rank one" + norm, "layer", true, curves);
    }
}
