package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import io.residuum.engine.torch.TorchModule;
import java.util.Collections;
import java.util.List;

/** Calls PyTorch's fused optimizers through a TorchScript module that holds the arrays. */
final class PtFusedOptimizer implements FusedOptimizer {
    private final PtSymbolBlock module;

    PtFusedOptimizer(
            PtNDManager owner,
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second) {
        module =
                TorchModule.load(
                        List.of("weights", "gradients", "first", "second"),
                        methods(weights.size()),
                        owner);
        TorchModule.call(module, "hold", list(weights), list(gradients), list(first), list(second));
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
        """
                + adam("adam", arrays)
                + adam("adamw", arrays);
    }

    private static String adam(String name, int arrays) {
        return """
          def %1$s(self, step: Tensor, rate: float, beta1: float, beta2: float, eps: float, decay: float) -> NoneType:
            _0 = annotate(List[Tensor], [])
            _1 = [%2$s]
            torch._fused_%1$s_(self.weights, self.gradients, self.first, self.second, _0, _1, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
            return None
        """
                .formatted(name, String.join(", ", Collections.nCopies(arrays, "step")));
    }

    @Override
    public void clip(double maximum) {
        call("clip", IValue.from(maximum));
    }

    @Override
    public void clear() {
        call("clear");
    }

    @Override
    public void sgd(double rate, double momentum, boolean nesterov, double decay) {
        call(
                "sgd",
                IValue.from(rate),
                IValue.from(momentum),
                IValue.from(nesterov),
                IValue.from(decay));
    }

    @Override
    public void adam(
            NDArray step,
            double rate,
            double beta1,
            double beta2,
            double eps,
            double decay,
            boolean decoupled) {
        call(
                decoupled ? "adamw" : "adam",
                IValue.from((PtNDArray) step),
                IValue.from(rate),
                IValue.from(beta1),
                IValue.from(beta2),
                IValue.from(eps),
                IValue.from(decay));
    }

    private void call(String method, IValue... arguments) {
        TorchModule.withoutGraphOptimizer(
                () -> {
                    TorchModule.call(module, method, arguments);
                    return true;
                });
    }
}
