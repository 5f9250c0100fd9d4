package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Unary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Functions of one and of two numbers, and changes of type. Functions that the opset lacks are
 * composed in the order in which runtimes recognize them and compute them as one.
 */
final class OnnxFunctions implements Operators {
    private final OnnxGraph onnx;

    OnnxFunctions(OnnxGraph onnx) {
        this.onnx = onnx;
    }

    @Override
    public @Nullable String of(Node node, List<String> operands) {
        Operation operation = node.operation();
        String x = operands.get(0);
        if (operation instanceof Operation.Unary u) {
            return unary(node, x, u);
        }
        if (operation instanceof Operation.Scalar s) {
            return call(node, type(s.arithmetic()), x, number(node, s.value()));
        }
        if (operation instanceof Operation.Binary b) {
            DataType type = node.input(1).type();
            String second = onnx.typed(operands.get(1), node.layer(), type, node.type());
            return call(node, type(b.arithmetic()), x, second);
        }
        return operation instanceof Operation.Cast
                ? onnx.typed(x, node.layer(), node.input(0).type(), node.type())
                : null;
    }

    private String unary(Node node, String x, Unary u) {
        return switch (u.function()) {
            case RELU -> call(node, "Relu", x);
            case SIGMOID -> call(node, "Sigmoid", x);
            case TANH -> call(node, "Tanh", x);
            case EXP -> call(node, "Exp", x);
            case LOG -> call(node, "Log", x);
            case SQRT -> call(node, "Sqrt", x);
            case SQUARE -> call(node, "Mul", x, x);
            case NEGATE -> call(node, "Neg", x);
            case GELU -> gelu(node, x);
            case GELU_TANH -> geluByTanh(node, x);
            case SILU -> call(node, "Mul", x, call(node, "Sigmoid", x));
            case LEAKY_RELU -> withAlpha(node, "LeakyRelu", x, u.alpha());
            case ELU -> withAlpha(node, "Elu", x, u.alpha());
        };
    }

    private static String type(Arithmetic arithmetic) {
        return switch (arithmetic) {
            case ADD -> "Add";
            case SUBTRACT -> "Sub";
            case MULTIPLY -> "Mul";
            case DIVIDE -> "Div";
            case POWER -> "Pow";
            case MAXIMUM -> "Max";
            case MINIMUM -> "Min";
        };
    }

    /** x / 2 (1 + erf(x / sqrt(2))). */
    private String gelu(Node node, String x) {
        String scaled = call(node, "Div", x, number(node, Math.sqrt(2)));
        String erf = call(node, "Erf", scaled);
        String sum = call(node, "Add", erf, number(node, 1));
        return call(node, "Mul", call(node, "Mul", x, sum), number(node, 0.5));
    }

    /** x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
    private String geluByTanh(Node node, String x) {
        String cube = call(node, "Pow", x, number(node, 3));
        String bend = call(node, "Mul", cube, number(node, 0.044715));
        String inner = call(node, "Add", x, bend);
        String scaled = call(node, "Mul", inner, number(node, Math.sqrt(2 / Math.PI)));
        String sum = call(node, "Add", call(node, "Tanh", scaled), number(node, 1));
        return call(node, "Mul", call(node, "Mul", x, number(node, 0.5)), sum);
    }

    private String withAlpha(Node node, String type, String x, double alpha) {
        return onnx.node(type, node.layer(), List.of(x), attribute("alpha", (float) alpha));
    }

    private String call(Node node, String type, String... operands) {
        return onnx.node(type, node.layer(), List.of(operands));
    }

    private String number(Node node, double value) {
        return onnx.constant(new double[] {value}, new long[0], node.type());
    }
}
