package io.residuum.model;

import io.residuum.json.Json;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Reads model descriptions of another library. Found by {@link java.util.ServiceLoader}. */
public interface ModelReader {

    /**
     * Reads a description.
     *
     * @param json the content of a JSON file
     * @param name the name of the model
     * @return the model; empty if the file is not from this library
     * @throws io.residuum.spec.SpecException if the file is from this library and describes a
     *     network that cannot be built
     */
    Optional<ModelDescription> read(Json.Obj json, Path file, String name);

    /**
     * {@return the values of {@code model_type} in a {@code config.json} of transformers that this
     * reader reads, before other readers; none by default}
     */
    default Set<String> modelTypes() {
        return Set.of();
    }
}
