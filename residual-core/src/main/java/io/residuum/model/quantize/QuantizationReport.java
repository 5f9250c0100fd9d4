package io.residuum.model.quantize;

import java.util.List;

/**
 * The measured effect of quantizing a network. An error is the norm of the difference of the
 * outputs, divided by their norm.
 *
 * @param layers the layers in the order of computation
 * @param error the error with all quantized layers
 */
public record QuantizationReport(List<Layer> layers, double error) {

    /**
     * A convolution or linear layer.
     *
     * @param path the path of its weight
     * @param error the error if only this layer is quantized; NaN if it was not tried
     * @param inFloat true if the layer stays in float
     */
    public record Layer(String path, double error, boolean inFloat) {}
}
