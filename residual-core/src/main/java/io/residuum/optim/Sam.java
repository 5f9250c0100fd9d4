package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.optim.ParameterGroups.Trained;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.ArrayList;
import java.util.List;

/**
 * Sharpness-aware minimization (SAM, Foret et al. 2021, arXiv:2010.01412): takes the gradient of
 * each pass where a step uphill leads, so that training prefers flat minima. Each pass computes
 * twice. With {@code accumulate} or several processes each pass has its own step uphill, as in the
 * paper. In JSON a number is a rho.
 *
 * @param rho the length of the step uphill, positive. Default: 0.05
 * @param adaptive true to scale the step by the size of each weight, which makes it independent of
 *     the weights' scale (ASAM, Kwon et al. 2021, arXiv:2102.11600); rho is then about ten times as
 *     large. Default: false
 * @param eta added to the size of each weight in ASAM, not negative. Default: 0.01
 */
@WithBuilder
public record Sam(
        @Default("0.05") double rho,
        @Default("false") boolean adaptive,
        @Default("0.01") double eta)
        implements SamBuilder.With {
    private static final double EPS = 1e-12;
    private static final NDIndex EVERYWHERE = new NDIndex("...");

    public Sam {
        Check.positive("rho", rho);
        Check.notNegative("eta", eta);
    }

    /**
     * {@return SAM with a step uphill}
     *
     * @param rho the length of the step
     */
    @Shorthand
    public static Sam of(double rho) {
        return Defaults.of(Sam.class).withRho(rho);
    }

    /**
     * Moves the parameters uphill along the gradients, and sets these to zero.
     *
     * @param scratch owns the saved values
     * @return restores the parameters, and the buffers, which the pass uphill must not change
     */
    public Runnable climb(Network network, ParameterGroups trained, NDManager scratch) {
        Ops ops = Ops.of(scratch);
        List<Saved> before = new ArrayList<>();
        network.buffers().values().forEach(b -> before.add(Saved.of(b.getArray(), scratch)));
        NDList steps = new NDList();
        NDList squares = new NDList();
        for (Trained t : trained.all()) {
            Saved saved = Saved.of(t.value(), scratch);
            before.add(saved);
            NDArray gradient = in(scratch, t.gradient().duplicate());
            NDArray size = adaptive ? ops.add(saved.value.abs(), eta) : null;
            NDArray scaled = size == null ? gradient : gradient.mul(size);
            squares.add(scaled.square().sum().reshape(1));
            steps.add(size == null ? scaled : scaled.mul(size));
        }
        NDArray norm = ops.add(NDArrays.concat(squares).sum().reshape(1).sqrt(), EPS);
        for (int i = 0; i < steps.size(); i++) {
            Trained t = trained.all().get(i);
            t.value().addi(ops.mul(steps.get(i).div(norm), rho));
            t.gradient().set(EVERYWHERE, 0); // in float16 it may be infinite
        }
        return () -> before.forEach(saved -> saved.value.copyTo(saved.array));
    }

    private record Saved(NDArray array, NDArray value) {
        static Saved of(NDArray array, NDManager scratch) {
            return new Saved(array, in(scratch, array.duplicate()));
        }
    }
}
