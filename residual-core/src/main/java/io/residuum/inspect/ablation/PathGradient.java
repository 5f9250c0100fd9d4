package io.residuum.inspect.ablation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Ops;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Unit;
import io.residuum.inspect.UnitHook;
import io.residuum.nn.Layer;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of the loss with respect to the input of the first unit, through chosen
 * paths. The forward pass is that of the whole network. The backward pass goes through the branch
 * of chosen units alone and through the shortcut of all others, so that the gradients of all paths
 * add up to the gradient.
 */
final class PathGradient extends UnitHook {
    private final List<Unit> units;
    private final Ops ops;
    private final @Nullable BitSet chosen;
    private final int cut;
    private @Nullable NDArray leaf;

    private PathGradient(Subject subject, @Nullable BitSet chosen, int cut) {
        super(subject.units());
        this.units = subject.units();
        this.ops = subject.network().backend().ops();
        this.chosen = chosen;
        this.cut = cut;
    }

    /**
     * Returns the gradient through one path.
     *
     * @param chosen the units whose branch the path takes, among them all without a shortcut
     */
    static NDArray through(Subject subject, Batch batch, BitSet chosen) {
        return of(subject, batch, new PathGradient(subject, chosen, -1));
    }

    /** Returns the gradient through all paths. */
    static NDArray all(Subject subject, Batch batch) {
        return of(subject, batch, new PathGradient(subject, null, -1));
    }

    /** Returns the gradient through all paths around one unit, which is zero if there are none. */
    static NDArray around(Subject subject, Batch batch, int unit) {
        return of(subject, batch, new PathGradient(subject, null, unit));
    }

    private static NDArray of(Subject subject, Batch batch, PathGradient hook) {
        try (GradientCollector collector = subject.network().backend().newGradientCollector()) {
            NDList outputs = subject.observe(batch, hook);
            collector.backward(subject.loss(outputs, batch.targets()));
        }
        subject.network().clearGradients();
        NDArray gradient = Objects.requireNonNull(hook.leaf).getGradient();
        gradient.attach(batch.manager());
        return gradient;
    }

    @Override
    protected void input(int unit, Layer layer, NDList inputs) {
        if (unit == 0 && leaf == null) {
            NDArray x = inputs.head();
            NDArray zero = x.getManager().zeros(x.getShape(), x.getDataType());
            zero.setRequiresGradient(true);
            leaf = zero;
            inputs.set(0, x.add(zero));
        }
    }

    @Override
    protected void branch(int unit, Layer layer, NDList outputs) {
        if (chosen != null && !chosen.get(unit)) {
            detach(outputs);
        }
    }

    @Override
    protected void gate(int unit, Layer layer, NDList outputs) {
        // A gate that reads the unit's input belongs to the branch, as in a product F(x) g(x). What
        // a merge computes from the shortcut is cut with the shortcut.
        branch(unit, layer, outputs);
    }

    @Override
    protected void shortcut(int unit, Layer layer, NDList outputs) {
        if (chosen != null && chosen.get(unit) && units.get(unit).hasShortcut()) {
            detach(outputs);
        }
    }

    @Override
    protected void unit(int unit, Layer layer, NDList outputs) {
        if (unit == cut) {
            detach(outputs);
        }
    }

    /** Cuts the gradient to zeros. Without any connection, there would be none to read. */
    private void detach(NDList outputs) {
        for (int i = 0; i < outputs.size(); i++) {
            NDArray y = outputs.get(i);
            outputs.set(i, ops.mul(y, 0).add(y.stopGradient()));
        }
    }
}
