package io.residuum.engine;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Writes calls of PyTorch's functions as TorchScript. */
public final class TorchExpressions {
    private TorchExpressions() {}

    /**
     * {@return a transposed convolution}
     *
     * @param window the sizes
     * @param x the expression of the input
     * @param weight the expression of the weights
     * @param bias the expression of the bias, or {@code None}
     */
    public static String transposedConvolution(
            TransposedWindow window, String x, String weight, String bias) {
        return "torch.conv_transpose%dd(%s)"
                .formatted(
                        window.stride().dimension(),
                        String.join(
                                ", ",
                                x,
                                weight,
                                bias,
                                list(window.stride()),
                                list(window.padding()),
                                list(window.outputPadding()),
                                Integer.toString(window.groups()),
                                list(window.dilation())));
    }

    /**
     * {@return an interpolation of images}
     *
     * @param o the settings
     * @param x the expression of the images
     * @param size the expression of height and width; ignored if the interpolation has scales
     */
    public static String resize(Interpolation o, String x, String size) {
        boolean scaled = o.rowScale() > 0;
        String scales = "[%s, %s]".formatted(o.rowScale(), o.columnScale());
        String function =
                switch (o.mode()) {
                    case NEAREST -> "nearest2d";
                    case BILINEAR -> "bilinear2d";
                    case BICUBIC -> "bicubic2d";
                };
        String corners = o.alignCorners() ? ", True" : ", False";
        return "torch.upsample_%s(%s, %s%s, %s)"
                .formatted(
                        function,
                        x,
                        scaled ? "None" : size,
                        o.mode() == Interpolation.Mode.NEAREST ? "" : corners,
                        scaled ? scales : "None");
    }

    private static String list(Shape shape) {
        return Arrays.toString(shape.getShape());
    }
}
