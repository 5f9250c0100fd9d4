package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the state dict in a PyTorch checkpoint. */
final class TorchCheckpoint {
    // Common keys of training scripts, the most specific first.
    private static final List<String> PLAIN =
            List.of(
                    "state_dict",
                    "model_state_dict",
                    "model_state",
                    "model",
                    "network",
                    "net",
                    "module",
                    "params",
                    "weights");
    private static final List<String> EMA =
            List.of(
                    "state_dict_ema",
                    "ema_state_dict",
                    "model_ema",
                    "ema_model",
                    "model_ema_state_dict",
                    "ema_model_state_dict",
                    "params_ema",
                    "ema");
    // A state dict may be wrapped more than once: {"model": {"state_dict": ...}}.
    private static final int MAX_DEPTH = 3;
    private static final int SHOWN = 8;

    private final Path file;
    private final TorchFile torch;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<String> ignored = new ArrayList<>();
    private final Map<String, TensorView> tensors = new LinkedHashMap<>();

    private PickleDict current;
    private String path = "";

    private TorchCheckpoint(Path file, TorchFile torch) {
        this.file = file;
        this.torch = torch;
        if (!(torch.root() instanceof PickleDict root)) {
            throw WeightsException.in(
                    file,
                    "must hold a dictionary of tensors, found %s; save model.state_dict() instead"
                            .formatted(
                                    torch.root() instanceof PickleGlobal.Opaque object
                                            ? "an object of the class "
                                                    + JsonText.quote(object.type())
                                            : "another value"));
        }
        this.current = root;
    }

    static MappedStateDict read(Path file, TorchFile torch, StateDict.Variant variant) {
        TorchCheckpoint checkpoint = new TorchCheckpoint(file, torch);
        if (variant == StateDict.Variant.EMA) {
            checkpoint.descend(checkpoint.emaKey());
        }
        checkpoint.descendToTensors();
        checkpoint.collect();
        return new MappedStateDict(
                file, checkpoint.metadata, checkpoint.tensors.values(), checkpoint.ignored);
    }

    private String emaKey() {
        String key = firstWithTensors(EMA, MAX_DEPTH);
        if (key == null) {
            throw WeightsException.in(
                    file,
                    "an EMA variant must be under one of %s, found %s"
                            .formatted(EMA, shown(current.entries().keySet())));
        }
        return key;
    }

    private void descendToTensors() {
        for (int left = MAX_DEPTH; left > 0; left--) {
            String key = firstWithTensors(PLAIN, left);
            if (key == null && !current.holdsTensors()) {
                key = onlyTensorDict();
            }
            if (key == null) {
                return;
            }
            descend(key);
        }
    }

    private void descend(String key) {
        if (current.entries().get(key) instanceof PickleDict inner) {
            current.entries()
                    .forEach(
                            (other, value) -> {
                                if (!other.equals(key)) {
                                    skip(other, value);
                                }
                            });
            current = inner;
            path += key + ".";
        }
    }

    private @Nullable String firstWithTensors(List<String> names, int depth) {
        return names.stream()
                .filter(name -> leadsToTensors(current.entries().get(name), depth))
                .findFirst()
                .orElse(null);
    }

    private static boolean leadsToTensors(@Nullable Object value, int depth) {
        return value instanceof PickleDict dict
                && (dict.holdsTensors()
                        || depth > 1
                                && PLAIN.stream()
                                        .map(dict.entries()::get)
                                        .anyMatch(inner -> leadsToTensors(inner, depth - 1)));
    }

    /** {@return the key of the only dictionary of tensors; null if there is none} */
    private @Nullable String onlyTensorDict() {
        List<Object> found = new ArrayList<>();
        current.entries()
                .forEach(
                        (key, value) -> {
                            if (value instanceof PickleDict dict && dict.holdsTensors()) {
                                found.add(key);
                            }
                        });
        if (found.size() > 1) {
            throw WeightsException.in(
                    file,
                    "must hold one dictionary of tensors, found %s; save one of them alone"
                            .formatted(shown(found)));
        }
        return found.size() == 1 && found.get(0) instanceof String key ? key : null;
    }

    private void collect() {
        current.entries()
                .forEach(
                        (key, value) -> {
                            if (key instanceof String name && value instanceof TorchTensor tensor) {
                                tensors.put(name, view(name, tensor));
                            } else {
                                skip(key, value);
                            }
                        });
        if (tensors.isEmpty()) {
            throw WeightsException.in(
                    file,
                    "must hold a dictionary of tensors, found only %s; save model.state_dict()"
                            .formatted(shown(current.entries().keySet())));
        }
    }

    private TensorView view(String name, TorchTensor tensor) {
        try {
            return torch.view(name, tensor);
        } catch (WeightsException e) {
            throw new WeightsException(file + ": " + e.getMessage(), e);
        }
    }

    private void skip(Object key, Object value) {
        String name = path + (isPlain(key) ? key : "?");
        if (isPlain(value)) {
            metadata.put(name, value.toString());
        } else {
            ignored.add(name);
        }
    }

    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean;
    }

    private static String shown(Collection<?> keys) {
        String names =
                keys.stream()
                        .limit(SHOWN)
                        .map(key -> isPlain(key) ? JsonText.quote(key.toString()) : "?")
                        .collect(Collectors.joining(", "));
        return "[" + names + (keys.size() > SHOWN ? ", ...]" : "]");
    }
}
