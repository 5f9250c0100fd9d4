package io.residuum.emit.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What an optimizer does to many arrays, each step one call of PyTorch in place of several for
 * every array: its fused optimizers read and write every number once. They compute what {@code
 * torch.optim} documents, in place.
 */
public final class FusedOptimizer {
    private static final String WEIGHTS = "weights";
    private static final String GRADIENTS = "gradients";
    private static final String FIRST = "first";
    private static final String SECOND = "second";

    private final PtSymbolBlock module;

    private FusedOptimizer(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Prepares steps for arrays that stay.
     *
     * @param owner frees what they need
     * @param weights what is trained, all of one type
     * @param gradients one for each
     * @param first the velocities or first moments, one for each, or none
     * @param second the second moments, one for each, or none
     * @return the steps; empty on another engine
     */
    public static Optional<FusedOptimizer> of(
            NDManager owner,
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second) {
        if (!(owner instanceof PtNDManager manager)) {
            return Optional.empty();
        }
        PtSymbolBlock module =
                TorchModule.load(
                        List.of(WEIGHTS, GRADIENTS, FIRST, SECOND),
                        methods(weights.size()),
                        manager);
        TorchModule.call(module, "hold", list(weights), list(gradients), list(first), list(second));
        return Optional.of(new FusedOptimizer(module));
    }

    private static IValue list(List<NDArray> arrays) {
        return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
    }

    private static String methods(int arrays) {
        return """
          def hold(self, weights: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor]) -> NoneType:
            self.weights = weights
            self.gradients = gradients
            self.first = first
            self.second = second
            return None
          def clip(self, maximum: float) -> NoneType:
            _0 = torch.stack(torch._foreach_norm(self.gradients, 2), 0)
            _1 = torch.add(torch.linalg_vector_norm(_0, 2), 9.9999999999999995e-07)
            _2 = torch.clamp_max(torch.mul(torch.reciprocal(_1), maximum), 1.)
            torch._foreach_mul_(self.gradients, _2)
            return None
          def clear(self) -> NoneType:
            torch._foreach_zero_(self.gradients)
            return None
          def sgd(self, rate: float, momentum: float, nesterov: bool, decay: float) -> NoneType:
            torch._fused_sgd_(self.weights, self.gradients, self.first, weight_decay=decay, momentum=momentum, lr=rate, dampening=0., nesterov=nesterov, maximize=False, is_first_step=False, grad_scale=None, found_inf=None)
            return None
          def adamw(self, step: Tensor, rate: float, beta1: float, beta2: float, eps: float, decay: float) -> NoneType:
            _0 = annotate(List[Tensor], [])
            _1 = [%s]
            torch._fused_adamw_(self.weights, self.gradients, self.first, self.second, _0, _1, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
            return None
        """
                .formatted(String.join(", ", Collections.nCopies(arrays, "step")));
    }

    /**
     * Scales the gradients down so that their common norm is at most so much, as PyTorch's {@code
     * clip_grad_norm_} does, without waiting for the norm.
     *
     * @param maximum positive
     */
    public void clip(double maximum) {
        call("clip", IValue.from(maximum));
    }

    /** Sets the gradients to zero. */
    public void clear() {
        call("clear");
    }

    /**
     * A step of stochastic gradient descent. The velocities are the first state; there must be none
     * where there is no momentum.
     *
     * @param rate the learning rate
     * @param momentum the share of a velocity that is kept
     * @param nesterov whether it looks ahead by the velocity
     * @param decay the weight decay, which is added to the gradient
     */
    public void sgd(double rate, double momentum, boolean nesterov, double decay) {
        call(
                "sgd",
                IValue.from(rate),
                IValue.from(momentum),
                IValue.from(nesterov),
                IValue.from(decay));
    }

    /**
     * A step of AdamW, whose moments are the two states.
     *
     * @param step how many steps there have been, this one among them: one number, float32
     * @param rate the learning rate
     * @param beta1 how much of the first moment is kept
     * @param beta2 how much of the second moment is kept
     * @param eps added to the root of the second
     * @param decay the weight decay, apart from the moments
     */
    public void adamW(
            NDArray step, double rate, double beta1, double beta2, double eps, double decay) {
        call(
                "adamw",
                IValue.from((PtNDArray) step),
                IValue.from(rate),
                IValue.from(beta1),
                IValue.from(beta2),
                IValue.from(eps),
                IValue.from(decay));
    }

    private void call(String method, IValue... arguments) {
        TorchModule.plainly(
                () -> {
                    TorchModule.call(module, method, arguments);
                    return true;
                });
    }
}
