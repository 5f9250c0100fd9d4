package io.residuum.spec.graph;

import io.residuum.json.JsonText;
import io.residuum.spec.Build;
import io.residuum.spec.SpecException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The names of a graph with their defaults filled in. */
record Wiring(Names inputs, List<LayerNode> layers, Names given) {

    /** The layer or input that wrote the current value of a name. */
    private static final class Value {
        private final String writer;
        private boolean read;

        Value(String writer) {
            this.writer = writer;
        }
    }

    /** {@return the name of a layer below the graph} */
    String name(int i) {
        return Build.nameOf(layers.get(i).layer(), i);
    }

    /** {@return the inputs of a layer, then the further values that it reads} */
    List<String> from(int i) {
        return Stream.of(inputs(i), layers.get(i).layer().reads()).flatMap(List::stream).toList();
    }

    private List<String> inputs(int i) {
        Names from = layers.get(i).from();
        if (!from.isEmpty()) {
            return from.all();
        }
        return i == 0 ? inputs.all() : to(i - 1);
    }

    List<String> to(int i) {
        Names to = layers.get(i).to();
        return to.isEmpty() ? List.of(name(i)) : to.all();
    }

    List<String> outputs() {
        return given.isEmpty() ? to(layers.size() - 1) : given.all();
    }

    /** Requires that every name is made before it is read, and that every value is read. */
    void check() {
        Map<String, Value> current = new LinkedHashMap<>();
        inputs.all().forEach(name -> current.put(name, new Value("inputs")));
        Map<String, Integer> owners = new HashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            LayerNode node = layers.get(i);
            String place = "layers[" + i + "]";
            for (String name : inputs(i)) {
                read(name, node.from().isEmpty() ? place : place + ".from", current, i);
            }
            for (String name : node.layer().reads()) {
                read(name, place + ".read", current, i);
            }
            for (Map.Entry<String, String> side : node.with().entrySet()) {
                read(side.getValue(), place + ".with." + side.getKey(), current, i);
            }
            if (node.layer() instanceof Use use) {
                requireOwner(use, place, owners);
            } else {
                owners.put(name(i), i);
            }
            for (String name : to(i)) {
                requireRead(name, current.put(name, new Value(place)));
            }
        }
        for (String name : outputs()) {
            read(name, "outputs", current, layers.size());
        }
        current.forEach(Wiring::requireRead);
    }

    private void read(String name, String place, Map<String, Value> current, int reader) {
        Value value = current.get(name);
        if (value != null) {
            value.read = true;
            return;
        }
        for (int later = reader; later < layers.size(); later++) {
            if (to(later).contains(name)) {
                throw new SpecException(
                        "%s must name a value made before, got \"%s\", which %s: %s"
                                .formatted(
                                        place,
                                        name,
                                        later == reader
                                                ? "this layer makes itself"
                                                : "layers[" + later + "] makes later",
                                        "change the order, or read another value"));
            }
        }
        throw new SpecException(
                "%s must name a value made before: %s"
                        .formatted(place, JsonText.unknown("value", name, current.keySet())));
    }

    private static void requireOwner(Use use, String place, Map<String, Integer> owners) {
        if (!owners.containsKey(use.layer())) {
            throw new SpecException(
                    "%s.layer must name an earlier layer of the graph: %s"
                            .formatted(
                                    place,
                                    JsonText.unknown("layer", use.layer(), owners.keySet())));
        }
    }

    private static void requireRead(String name, @Nullable Value value) {
        if (value != null && !value.read) {
            throw new SpecException(
                    "%s must make values that a layer or an output reads, got \"%s\" without a reader: remove it, or name it in \"from\" or \"outputs\""
                            .formatted(value.writer, name));
        }
    }
}
