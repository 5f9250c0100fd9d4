package io.residuum.residual.wiring;

import io.residuum.residual.LayerDrop;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.ReadStreams;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Replaces the residual units of blocks. */
final class Units {
    private Units() {}

    /** Replaces each unit by layers, in order. Other layers of the blocks stay. */
    static List<LayerSpec> map(
            List<LayerSpec> blocks, Function<Residual, List<LayerSpec>> replacement) {
        List<LayerSpec> mapped = new ArrayList<>();
        for (LayerSpec block : blocks) {
            if (block instanceof Residual unit) {
                mapped.addAll(replacement.apply(unit));
            } else if (block instanceof Sequential sequence) {
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

    /** The weights of one unit at its three places. */
    record Weights(StreamWeights read, StreamWeights carry, StreamWeights write) {}

    /** Returns the weights of a unit by its index from 0. */
    interface WeightsByUnit {
        Weights at(int unit);
    }

    /** Puts blocks on several streams. */
    static LayerSpec onStreams(
            String name,
            List<LayerSpec> blocks,
            int streams,
            Stream.Reduce reduce,
            WeightsByUnit weights) {
        int[] unit = {0};
        List<LayerSpec> layers =
                map(blocks, u -> List.of(onStreams(u, streams, weights.at(unit[0]++))));
        return new Stream(name, streams, Stream.Expand.COPY, reduce, layers);
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
                                ? new ShortcutSpec.Streams(weights.carry)
                                : new ShortcutSpec.EachStream(streams, unit.shortcut()))
                // The branch's positions have no weights of the input's positions.
                .merge(
                        new MergeSpec.Write(
                                keeps ? weights.write : new StreamWeights.Learned(List.of())))
                .build();
    }

    static boolean keepsShape(Residual unit) {
        return unit.shortcut() instanceof ShortcutSpec.Identity;
    }

    static void requireStreams(int streams) {
        Check.that(streams >= 2, "streams must be 2 or more, got %s", streams);
    }
}
