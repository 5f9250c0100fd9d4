package io.residuum.serve;

import ai.djl.engine.EngineException;
import io.residuum.json.Json;
import io.residuum.model.InputFile;
import io.residuum.model.Network;
import io.residuum.model.TensorPrediction;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tensors of a request in a temporary safetensors file, because reader and checks of such files
 * are those of {@code residuum predict --input}.
 */
final class TensorFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TensorFile.class);
    private static final String SUFFIX = ".safetensors";

    private final String model;
    private final Path file;
    private final boolean asJson;

    private TensorFile(String model, Path file, boolean asJson) {
        this.model = model;
        this.file = file;
        this.asJson = asJson;
    }

    /** Stores the body of a request, which is a safetensors file. */
    static TensorFile of(String model, byte[] body) {
        TensorFile tensors = new TensorFile(model, temporary(), false);
        try {
            Files.write(tensors.file, body);
            return tensors;
        } catch (IOException e) {
            tensors.close();
            throw new UncheckedIOException(e);
        }
    }

    /** Stores tensors by name, each an object with shape, values and type. */
    static TensorFile of(String model, Fields named) {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : named.keys()) {
            add(writer, name, new Fields(named.name(name), named.required(name)));
        }
        TensorFile tensors = new TensorFile(model, temporary(), true);
        try {
            writer.write(tensors.file);
            return tensors;
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    private static void add(SafetensorsWriter writer, String name, Fields tensor) {
        long[] shape =
                numbers(tensor, "shape").stream()
                        .mapToLong(n -> integer(tensor.name("shape"), n))
                        .toArray();
        List<Json.Num> values = numbers(tensor, "values");
        String type = tensor.string("type").orElse("float32");
        tensor.end();
        switch (type) {
            case "float32" -> {
                float[] floats = new float[values.size()];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = Float.parseFloat(values.get(i).text());
                }
                writer.add(name, shape, floats);
            }
            case "int64" ->
                    writer.add(
                            name,
                            shape,
                            values.stream()
                                    .mapToLong(n -> integer(tensor.name("values"), n))
                                    .toArray());
            default ->
                    throw ApiException.invalid(
                            tensor.name("type"),
                            "%s must be float32 or int64, found %s",
                            tensor.name("type"),
                            type);
        }
    }

    private static List<Json.Num> numbers(Fields tensor, String key) {
        Json value = tensor.required(key);
        boolean flat =
                value instanceof Json.Arr list
                        && list.items().stream().allMatch(Json.Num.class::isInstance);
        if (!flat) {
            throw Fields.wrong(tensor.name(key), "a flat list of numbers, row by row", value);
        }
        return value.items().stream().map(Json.Num.class::cast).toList();
    }

    private static long integer(String name, Json.Num number) {
        try {
            return Long.parseLong(number.text());
        } catch (NumberFormatException e) {
            throw ApiException.invalid(
                    name, "%s must hold integers, found %s", name, number.text());
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempFile("residuum-serve-", SUFFIX);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Checks the tensors without an engine. */
    void check(ModelSpec spec) {
        try (InputFile inputs = InputFile.open(spec, file, List.of())) {
            inputs.samples();
        } catch (WeightsException e) {
            throw invalid(e);
        }
    }

    /** Runs the network, and returns the body of the response. */
    byte[] predict(Network network, int batch) {
        Path results = temporary();
        try (InputFile inputs = InputFile.open(network.spec(), file, List.of())) {
            TensorPrediction.write(network, inputs, batch, results);
            return asJson ? json(results) : Files.readAllBytes(results);
        } catch (WeightsException e) {
            throw invalid(e);
        } catch (EngineException e) {
            // A network of convolutions reads images of many sizes, but not of all.
            LOG.debug("tensors", e);
            throw ApiException.invalid(
                    "tensors", "the shapes of the tensors must fit the layers, and do not");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(results);
        }
    }

    private ApiException invalid(WeightsException e) {
        String message = String.valueOf(e.getMessage()).replace(file.toString(), "tensors");
        return ApiException.invalid("tensors", "%s", message);
    }

    private byte[] json(Path results) {
        Map<String, Object> outputs = new LinkedHashMap<>();
        try (Safetensors tensors = Safetensors.open(results)) {
            for (String name : tensors.names()) {
                List<Float> values = new ArrayList<>();
                for (float value : tensors.floats(name)) {
                    values.add(value);
                }
                outputs.put(
                        name, Json.object("shape", tensors.info(name).shape(), "values", values));
            }
        }
        return Json.object("model", model, "outputs", outputs)
                .compact()
                .getBytes(StandardCharsets.UTF_8);
    }

    boolean asJson() {
        return asJson;
    }

    @Override
    public void close() {
        delete(file);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
