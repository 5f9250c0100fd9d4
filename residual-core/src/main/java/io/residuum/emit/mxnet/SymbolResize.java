package io.residuum.emit.mxnet;

import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.engine.Interpolation;
import io.residuum.graph.Dims;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Writes interpolations of images as products with a matrix for each axis, because MXNet has no
 * cubic interpolation.
 *
 * @param symbols writes operators
 * @param interpolation the settings
 * @param constants adds a constant of a shape
 */
record SymbolResize(
        Symbols symbols, Interpolation interpolation, BiFunction<double[], Dims, Entry> constants) {
    private static final List<Integer> TURNED = List.of(0, 1, 3, 2);

    Entry resized(Entry x, Dims from, Dims to) {
        Entry wide = interpolated(x, from, to, 3, interpolation.columnScale());
        return interpolated(wide, from, to, 2, interpolation.rowScale());
    }

    private Entry interpolated(Entry x, Dims from, Dims to, int axis, double scale) {
        long in = from.get(axis).value();
        long out = to.get(axis).value();
        if (interpolation.isRepetition(in, out, scale)) {
            return in == out ? x : symbols.repeated(x, out / in, axis);
        }
        double[] values = interpolation.matrix(Math.toIntExact(in), Math.toIntExact(out), scale);
        Entry matrix = constants.apply(values, Dims.of(out, in));
        return axis == 3
                ? symbols.linear(List.of(x, matrix), out)
                : symbols.transposed(
                        symbols.linear(List.of(symbols.transposed(x, TURNED), matrix), out),
                        TURNED);
    }
}
