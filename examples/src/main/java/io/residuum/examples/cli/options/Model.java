package io.residuum.examples.cli.options;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What MODEL stands for.
 *
 * @param label what the user called it, short enough for a folder's name
 * @param spec the network
 * @param weights the file that holds its weights; null for a preset or a spec
 * @param classNames what its outputs mean; empty if nobody has said so
 */
public record Model(String label, ModelSpec spec, @Nullable Path weights, List<String> classNames) {

    /** What the user may call the output of an index. */
    public String className(int index) {
        return index < classNames.size() ? classNames.get(index) : "class " + index;
    }

    /** A shape without its batch. */
    public static List<Long> sampleShape(Shape batch) {
        List<Long> dims = new ArrayList<>();
        for (long d : batch.slice(1).getShape()) {
            dims.add(d);
        }
        return dims;
    }
}
