package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The linear maps of attention: to queries {@code (N G, H / G T, D)}, and to keys and values {@code
 * (N G, T, D)}. There is one map {@code qkv}, or three maps {@code q}, {@code k} and {@code v}, the
 * last of which is missing if the values are the keys.
 */
final class HeadProjections {
    private final Heads heads;
    private final Map<String, Layer> layers = new LinkedHashMap<>();

    /** Creates the maps for an input {@code (-1, T, C)}. */
    HeadProjections(Shape input, Attention spec, Heads heads) {
        this.heads = heads;
        Attention.Projection maps = spec.projection();
        Init init = maps.init().toInit();
        Init valueInit = ScaledInits.times(init, maps.valueGain());
        long q = heads.joinedWidth();
        long kv = (long) heads.groups() * heads.width();
        if (spec.isFused()) {
            long[] rows = {q, kv, kv};
            Init stacked = ScaledInits.stacked(new Init[] {init, init, valueInit}, rows);
            layers.put("qkv", linear(input, q + kv + kv, maps.bias(), stacked));
        } else {
            Shape read = spec.memory() == 0 ? input : new Shape(-1, input.get(1), spec.memory());
            layers.put("q", map("q", spec.maps().queries(), input, q, maps.bias(), init));
            boolean without = spec.position() instanceof Disentangled d && !d.keyBias();
            boolean keyBias = maps.bias() && maps.keyBias() && !without;
            layers.put("k", map("k", spec.maps().keys(), read, kv, keyBias, init));
            if (!spec.sharedValues()) {
                layers.put("v", map("v", spec.maps().values(), read, kv, maps.bias(), valueInit));
            }
        }
    }

    private static Layer map(
            String name, LayerSpec layers, Shape input, long units, boolean bias, Init init) {
        if (layers.equals(Attention.UNCHANGED)) {
            return linear(input, units, bias, init);
        }
        Layer map = Build.child(name, layers, input);
        Shape expected = Shapes.withChannels(input, units);
        Check.that(
                map.outputShape().equals(expected),
                "maps must end in the shape %s of all heads of %s, got %s: end with a linear layer"
                        + " of %s units",
                expected,
                name,
                map.outputShape(),
                units);
        return map;
    }

    static LinearBlock linear(Shape input, long units, boolean bias, Init init) {
        return new LinearBlock(input, Math.toIntExact(units), bias, init, Init.ZEROS);
    }

    Map<String, Layer> layers() {
        return layers;
    }

    /** Computes queries of {@code querying}, and keys and values of {@code x}. */
    NDList selfAttention(ForwardPass pass, NDArray querying, NDArray x) {
        Layer fused = layers.get("qkv");
        if (fused == null) {
            NDArray keys = keys(pass, x);
            NDArray values = layers.containsKey("v") ? values(pass, x) : keys;
            return new NDList(queries(pass, querying), keys, values);
        }
        int groups = heads.groups();
        NDArray all = fused.forward(pass, x);
        return pass.ops().splitHeads(all, heads.width(), groups, heads.queries(), groups, groups);
    }

    /** Computes queries {@code (N G, H / G T, D)}. */
    NDArray queries(ForwardPass pass, NDArray x) {
        return split(pass, "q", x, heads.queries());
    }

    /** Computes keys {@code (N G, T, D)}. */
    NDArray keys(ForwardPass pass, NDArray x) {
        return split(pass, "k", x, heads.groups());
    }

    /** Computes values {@code (N G, T, D)}. */
    NDArray values(ForwardPass pass, NDArray x) {
        return split(pass, "v", x, heads.groups());
    }

    private NDArray split(ForwardPass pass, String map, NDArray x, int count) {
        NDArray mapped = Objects.requireNonNull(layers.get(map)).forward(pass, x);
        return pass.ops().splitHeads(mapped, heads.width(), heads.groups(), count).head();
    }

    /** Joins heads, {@code (N G, H / G T, D) -> (N, T, H D)}. */
    NDArray join(NDArray x, long length) {
        return x.reshape(-1, heads.queries(), length, heads.width())
                .transpose(0, 2, 1, 3)
                .reshape(-1, length, heads.joinedWidth());
    }
}
