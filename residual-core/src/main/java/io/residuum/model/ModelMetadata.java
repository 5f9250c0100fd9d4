package io.residuum.model;

import io.residuum.emit.Quantization;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The facts about a model that its spec does not hold: class names, the tokenizer, and other texts
 * that a model file stores by key.
 *
 * @param entries text by key as a saved model stores it, without the spec
 */
public record ModelMetadata(Map<String, String> entries) {

    private static final Logger LOG = LoggerFactory.getLogger(ModelMetadata.class);

    /** Metadata without entries. */
    public static final ModelMetadata EMPTY = new ModelMetadata(Map.of());

    /** The key of the class names, a JSON array of strings in the order of the outputs. */
    public static final String CLASS_NAMES = "residuum.classes";

    /** The key of the share of the training data that was held out, a number. */
    public static final String HELD_OUT = "residuum.validation";

    /** The key of the table of names that the weights were read by, as export prefers it. */
    public static final String DIALECT = "residuum.dialect";

    /** The key of the tokens that generated texts begin and end with, a JSON object. */
    public static final String GENERATION = "residuum.generation";

    /** The key of the chat template and the special tokens that it names, a JSON object. */
    public static final String CHAT = "residuum.chat";

    /** Copies the entries and keeps their order. */
    public ModelMetadata {
        Map<String, String> kept = new LinkedHashMap<>(entries);
        kept.remove(ModelFiles.SPEC);
        entries = Collections.unmodifiableMap(kept);
    }

    /**
     * {@return the text of a key; empty if there is none}
     *
     * @param key for instance {@code residuum.tokenizer}
     */
    public Optional<String> entry(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /**
     * {@return the class names in the order of the outputs; empty if unknown or unreadable, which
     * is no reason to reject a model}
     */
    public List<String> classNames() {
        String json = entries.get(CLASS_NAMES);
        if (json == null) {
            return List.of();
        }
        try {
            return JsonReader.parse(json, CLASS_NAMES).strings().orElse(List.of());
        } catch (JsonException e) {
            return List.of();
        }
    }

    /**
     * {@return a name for each class, {@code class INDEX} if it is unknown}
     *
     * @param classes the number of classes
     */
    public List<String> classNames(int classes) {
        List<String> names = classNames();
        if (!names.isEmpty() && names.size() != classes) {
            LOG.warn(
                    "the metadata should name the {} classes of the model, but has {} names;"
                            + " classes without one are called by their index",
                    classes,
                    names.size());
        }
        return IntStream.range(0, classes)
                .mapToObj(i -> i < names.size() ? names.get(i) : "class " + i)
                .toList();
    }

    /** {@return a copy with an entry added or replaced} */
    public ModelMetadata with(String key, String text) {
        Map<String, String> changed = new LinkedHashMap<>(entries);
        changed.put(key, text);
        return new ModelMetadata(changed);
    }

    /** Returns a copy with the entries of another model added or replaced. */
    ModelMetadata with(ModelMetadata other) {
        Map<String, String> changed = new LinkedHashMap<>(entries);
        changed.putAll(other.entries);
        return new ModelMetadata(changed);
    }

    /**
     * {@return the share of the training data that training held out to choose the best epoch;
     * empty if the data had a validation part, or if it is unknown or unreadable}
     */
    public OptionalDouble heldOut() {
        try {
            return entry(HELD_OUT).stream()
                    .mapToDouble(Double::parseDouble)
                    .filter(share -> share >= 0 && share < 1)
                    .findFirst();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /**
     * {@return a copy with the share of the training data that was held out}
     *
     * @param share in [0, 1); empty if the data had a validation part
     */
    public ModelMetadata withHeldOut(OptionalDouble share) {
        return share.isPresent() ? with(HELD_OUT, Double.toString(share.getAsDouble())) : this;
    }

    /**
     * {@return a copy with the quantized layers of other metadata, if they have some}
     *
     * @param other the metadata of a network with the same layers
     */
    public ModelMetadata withQuantization(ModelMetadata other) {
        return with(other.quantization());
    }

    /** {@return true if some layers compute with 8 bits} */
    public boolean quantizesActivations() {
        return quantization().quantizesActivations();
    }

    /** {@return a copy that has the dialect of the weights, unless it is our own} */
    public ModelMetadata withDialect(Dialect dialect) {
        return dialect.name().equals(Dialect.OWN) ? this : with(DIALECT, dialect.title());
    }

    /** {@return dialects that try the one of the weights first, which others may equal in names} */
    public Dialects preferred(Dialects dialects) {
        return entry(DIALECT).map(dialects::preferring).orElse(dialects);
    }

    /**
     * {@return a copy for weights that were read: with their dialect, and with the layers that the
     * file holds as integers}
     *
     * @param plan the plan that read them
     */
    public ModelMetadata withWeights(ImportPlan plan) {
        ModelMetadata named = withDialect(plan.dialect());
        Quantization stored = Quantization.ofWeights(plan.formats());
        return stored.layers().isEmpty() ? named : named.with(stored);
    }

    /** Returns a copy without an entry. */
    ModelMetadata without(String key) {
        Map<String, String> changed = new LinkedHashMap<>(entries);
        changed.remove(key);
        return new ModelMetadata(changed);
    }

    /**
     * {@return the quantized layers; none for a network in float}
     *
     * @throws io.residuum.weights.WeightsException if the entry cannot be read
     */
    public Quantization quantization() {
        return entry(QuantizedStateDict.KEY).map(Quantization::parse).orElse(Quantization.NONE);
    }

    /**
     * {@return a copy with other quantized layers}
     *
     * @param quantization the layers; none for a network in float
     */
    public ModelMetadata with(Quantization quantization) {
        return quantization.layers().isEmpty()
                ? without(QuantizedStateDict.KEY)
                : with(QuantizedStateDict.KEY, quantization.toJson());
    }

    /**
     * {@return a copy with class names}
     *
     * @param names one name per output, in order; empty for unknown
     */
    public ModelMetadata withClassNames(List<String> names) {
        if (names.isEmpty()) {
            return without(CLASS_NAMES);
        }
        return with(CLASS_NAMES, Json.of(names).compact());
    }
}
