package com.example;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.*;
import io.residuum.spec.*;
import java.util.List;

/** Global response normalization (Woo et al. 2023, ConvNeXt V2): (N, C, H, W) -> the same. */
@TypeName("grn")
public record Grn(@Default("\"\"") String name, @Default("1e-6") double eps) implements LayerSpec {
    @Override public Layer newBlock(Shape input) { return new Block(input, eps); }

    private static final class Block extends Layer {
        private final double eps;
        private final Parameter gamma;
        private final Parameter beta;

        Block(Shape input, double eps) {
            super(input);
            this.eps = eps;
            gamma = parameter("gamma", Parameter.Type.OTHER, Init.ZEROS, input.get(1));
            beta = parameter("beta", Parameter.Type.OTHER, Init.ZEROS, input.get(1));
        }

        @Override protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray norm = pass.ops().add(x.square().sum(new int[] {2, 3}, true), eps).sqrt();
            NDArray relative = norm.div(pass.ops().add(norm.mean(new int[] {1}, true), eps));
            NDArray scaled = x.mul(relative).mul(pass.channelwise(gamma, x));
            return scaled.add(pass.channelwise(beta, x)).add(x);
        }
        @Override public String describe() { return "Grn"; }
    }

    public static final class Provider implements RecordProvider {
        @Override public List<Class<? extends Record>> records() { return List.of(Grn.class); }
    }
}
