package io.residuum.residual.wiring;

import io.residuum.residual.LayerDrop;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.ReadStreams;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Replaces the residual units of blocks. */
final class Units {
    private Units() {}

    /** Returns layers as named blocks that know their depth. */
    static List<LayerSpec> blocks(List<LayerSpec> layers) {
        List<LayerSpec> blocks = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            String at = Build.nameOf(layers.get(i), i);
            LayerSpec block = layers.get(i).atDepth(i, layers.size());
            if (block instanceof Residual unit) {
                blocks.add(unit.withName(at));
            } else if (block instanceof Sequential sequence && sequence.stream() == null) {
                blocks.add(sequence.named(at));
            } else {
                throw new SpecException(
                        "layers[%d] must be a residual unit or an array of them in layers with a stream, got %s: put it before or behind them"
                                .formatted(i, block.getClass().getSimpleName()));
            }
        }
        return blocks;
    }

    /** Replaces each unit by layers, in order. Other layers of the blocks stay. */
    static List<LayerSpec> map(
            List<LayerSpec> blocks, Function<Residual, List<LayerSpec>> replacement) {
        List<LayerSpec> mapped = new ArrayList<>();
        for (LayerSpec block : blocks) {
            if (block instanceof Residual unit) {
                mapped.addAll(replacement.apply(unit));
            } else if (block instanceof Sequential sequence) {
                Check.that(
                        sequence.stream() == null,
                        "a sequential must have no stream inside blocks with a stream, got one in"
                                + " \"%s\": put it beside them",
                        sequence.name());
                mapped.add(new Sequential(sequence.name(), map(sequence.layers(), replacement)));
            } else if (block instanceof LayerDrop drop) {
                mapped.add(
                        new LayerDrop(
                                drop.name(), drop.dropPath(), map(drop.layers(), replacement)));
            } else {
                mapped.add(block);
            }
        }
        return mapped;
    }

    /**
     * The weights of one unit at its places.
     *
     * @param writeChanged those to write for a unit that changes the shape, whose shortcut carries
     *     each stream
     */
    record Weights(
            StreamWeights read,
            ShortcutSpec carry,
            StreamWeights write,
            StreamWeights writeChanged) {
        Weights(StreamWeights read, StreamWeights carry, StreamWeights write) {
            // The branch's positions have no weights of the input's positions.
            this(
                    read,
                    new ShortcutSpec.Streams(carry),
                    write,
                    new StreamWeights.Learned(List.of()));
        }
    }

    /** Returns the weights of a unit by its index from 0. */
    interface WeightsByUnit {
        Weights at(int unit);
    }

    /** Puts blocks on several copies of their input. */
    static LayerSpec onStreams(
            String name,
            List<LayerSpec> blocks,
            int streams,
            Stream.Reduce reduce,
            WeightsByUnit weights) {
        return onStreams(name, blocks, streams, Stream.Expand.COPY, reduce, weights);
    }

    /** Puts blocks on several streams. */
    static LayerSpec onStreams(
            String name,
            List<LayerSpec> blocks,
            int streams,
            Stream.Expand expand,
            Stream.Reduce reduce,
            WeightsByUnit weights) {
        int[] unit = {0};
        List<LayerSpec> layers =
                map(blocks, u -> List.of(onStreams(u, streams, weights.at(unit[0]++))));
        return new Stream(name, streams, expand, reduce, layers);
    }

    /** Puts a unit on several streams. One that changes the shape carries each by its shortcut. */
    private static Residual onStreams(Residual unit, int streams, Weights weights) {
        Check.that(
                unit.read().isInput()
                        && unit.merge().equals(MergeSpec.ADD)
                        && unit.tap() == Tap.INPUT
                        && !(unit.shortcut() instanceof ShortcutSpec.None),
                "stream must be plain for units other than sums of their input and a branch, got"
                        + " the unit \"%s\" with merge %s, tap %s and shortcut %s",
                unit.name(),
                unit.merge(),
                unit.tap(),
                unit.shortcut());
        boolean keeps = keepsShape(unit);
        return unit.with()
                .read(ReadStreams.of(streams, weights.read))
                .shortcut(
                        keeps
                                ? weights.carry
                                : new ShortcutSpec.EachStream(streams, unit.shortcut()))
                .merge(new MergeSpec.Write(keeps ? weights.write : weights.writeChanged))
                .build();
    }

    /** Requires units that end with their sum, since a function behind it has no inverse. */
    static void requireNothingAfter(List<LayerSpec> blocks) {
        map(
                blocks,
                unit -> {
                    Check.that(
                            unit.after().equals(NormActivation.NONE),
                            "stream must not be reversible or momentum for units with a norm or"
                                    + " activation after the sum, got the unit \"%s\" with %s: use"
                                    + " the pre-activation order, or norms before the branch",
                            unit.name(),
                            unit.after());
                    return List.of(unit);
                });
    }

    static boolean keepsShape(Residual unit) {
        return unit.shortcut() instanceof ShortcutSpec.Identity;
    }

    static void requireStreams(int streams) {
        Check.that(streams >= 2, "streams must be 2 or more, got %s", streams);
    }
}
