package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.invert.Inverse;
import io.residuum.residual.ResidualBlock.Parts;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.stream.MixBlock;
import io.residuum.residual.stream.StreamWeights.Fixed;
import io.residuum.residual.stream.WriteBlock;
import java.util.Optional;

/**
 * Inverts a unit {@code y = A x + w F(r x)} on n streams with constants r, A and w, where A has an
 * inverse and {@code r A^-1 w = 0}. Then {@code r A^-1 y = r x}, which is what the branch has read,
 * and {@code x = A^-1 (y - w F(r x))}. RevNet's couplings (Gomez et al. 2017, arXiv:1707.04585),
 * momentum (Sander et al. 2021, arXiv:2102.07870) and leapfrog steps are such units.
 */
final class UnitInverse implements Inverse {
    private static final double EPS = 1e-9;

    private final DropPath dropPath;
    private final double gain;
    private final Layer path;
    private final Layer written;
    private final Layer branchInput;
    private final Layer carriedBack;
    private final Layer carriedGradient;
    private final Layer readGradient;

    private UnitInverse(ResidualBlock unit, SmallMatrix inverse, Constants constants) {
        Parts parts = unit.parts();
        Shape state = unit.inputShape();
        Shape one = parts.read().outputShape();
        int n = constants.read.length;
        this.dropPath = unit.dropPath();
        this.gain = Math.max(1, Math.abs(inverse.determinant()));
        this.path =
                Chain.unowned(
                        one, parts.before(), parts.branch(), parts.afterBranch(), parts.scale());
        this.written = MixBlock.expand(one, Fixed.of(constants.write));
        this.branchInput =
                MixBlock.read(state, n, Fixed.of(inverse.transposed().times(constants.read)));
        this.carriedBack = carry(state, inverse);
        this.carriedGradient = carry(state, constants.carry.transposed());
        this.readGradient = MixBlock.expand(one, Fixed.of(constants.read));
    }

    private static Layer carry(Shape state, SmallMatrix matrix) {
        return matrix.isIdentity()
                ? new IdentityBlock(state)
                : MixBlock.carry(state, matrix.size(), Fixed.of(matrix.values()));
    }

    /** The constants r, A and w of a unit. */
    private record Constants(double[] read, SmallMatrix carry, double[] write) {}

    static Optional<Inverse> of(ResidualBlock unit) {
        return constants(unit).flatMap(constants -> of(unit, constants));
    }

    private static Optional<Inverse> of(ResidualBlock unit, Constants constants) {
        return constants
                .carry
                .inverse()
                .filter(a -> Math.abs(dot(constants.read, a.times(constants.write))) < EPS)
                .map(a -> new UnitInverse(unit, a, constants));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static Optional<Constants> constants(ResidualBlock unit) {
        Parts parts = unit.parts();
        if (unit.inputShapes().size() > 1
                || unit.tap() != Tap.INPUT
                || !(parts.after() instanceof IdentityBlock)
                || !(parts.read() instanceof MixBlock read)
                || !(unit.merge() instanceof Merge.Write merge)
                || !(merge.write() instanceof WriteBlock write)
                || !unit.outputShape().equals(unit.inputShape())
                || !parts.scale().outputShape().equals(read.outputShape())) {
            return Optional.empty();
        }
        Optional<Fixed> reads = read.constants();
        Optional<Fixed> writes = write.constants();
        Optional<double[]> carries = carries(parts.shortcut(), reads);
        return reads.isEmpty() || writes.isEmpty() || carries.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Constants(
                                values(reads.get()),
                                new SmallMatrix(values(reads.get()).length, carries.get()),
                                values(writes.get())));
    }

    private static Optional<double[]> carries(Layer shortcut, Optional<Fixed> reads) {
        return shortcut instanceof MixBlock mix
                ? mix.constants().map(UnitInverse::values)
                : reads.filter(r -> shortcut instanceof IdentityBlock)
                        .map(r -> SmallMatrix.identity(r.values().size()).values());
    }

    private static double[] values(Fixed constants) {
        return constants.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public double gain() {
        return gain;
    }

    @Override
    public NDArray branchInput(ForwardPass pass, NDArray y) {
        return branchInput.forward(pass, y);
    }

    @Override
    public NDArray branch(ForwardPass pass, NDArray u) {
        return written.forward(pass, dropPath.forward(pass, u, path));
    }

    @Override
    public NDArray input(ForwardPass pass, NDArray y, NDArray branch) {
        return carriedBack.forward(pass, y.sub(branch));
    }

    @Override
    public NDArray inputGradient(ForwardPass pass, NDArray dy, NDArray du) {
        NDArray carried = carriedGradient.forward(pass, dy);
        return carried.add(readGradient.forward(pass, du));
    }
}
