package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.SpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * Specs as JSON, strictly: reading only calls the records' constructors, so that text and code are
 * checked by the same lines, and every error names file, line, JSON path, what was found and what
 * is accepted.
 *
 * <p>A record is an object of its components; one that stands for an interface says which it is by
 * {@code "type"}. A bare string stands for a type without components: {@code "none"} for {@code
 * {"type": "none"}}. Further short forms are those that a type marks with {@link
 * io.residuum.spec.Shorthand}. Enum constants are written in lower case with dashes, single letters
 * as they are. A component with a {@link io.residuum.spec.Default} may be left out, as may a
 * nullable one.
 *
 * <p>Immutable and safe for use by several threads. Documents are UTF-8 (a byte order mark is
 * skipped), at most 4 MiB and 200 levels deep.
 */
public final class SpecJson {
    private final Types types;

    /**
     * Creates the language around the records of open interfaces.
     *
     * @param records layers and others, each with a {@link io.residuum.spec.TypeName}
     * @throws SpecException if one has none, if two of an interface share a name, or if a component
     *     has no form in JSON
     */
    public SpecJson(Collection<? extends Class<? extends Record>> records) {
        types = new Types(records);
    }

    /**
     * Creates the language with the records of every {@link RecordProvider} on the class path.
     *
     * @return a new reader and writer
     * @throws SpecException as the constructor does
     */
    public static SpecJson standard() {
        List<Class<? extends Record>> records = new ArrayList<>();
        ServiceLoader.load(RecordProvider.class).forEach(p -> records.addAll(p.records()));
        return new SpecJson(records);
    }

    /**
     * Reads a network, and builds it once without an engine: its layers fit.
     *
     * @param file a JSON file
     * @return the network, complete and valid
     * @throws SpecException {@code file:line: $.path: message} if it is anything else
     */
    public ModelSpec readModel(Path file) {
        try {
            return readModel(JsonReader.read(file), file.toString());
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    /**
     * Reads a network from a document, and builds it once without an engine to check that its
     * layers fit.
     *
     * @param json the document
     * @param source what messages call the document, for instance a file name
     * @return the network, complete and valid
     * @throws SpecException {@code source:line: $.path: message} if it is anything else
     */
    public ModelSpec readModel(Json json, String source) {
        Binder places = new Binder(types);
        ModelSpec model = bind(() -> json, source, ModelSpec.class, places);
        try {
            model.newBlock();
        } catch (SpecException e) {
            throw places.located(e, model.network());
        }
        return model;
    }

    /**
     * Reads a record.
     *
     * @param <T> the type
     * @param file a JSON file
     * @param type a record, or an interface of records
     * @return the record
     * @throws SpecException {@code file:line: $.path: message} if it is anything else
     */
    public <T> T read(Path file, Class<T> type) {
        return bind(() -> JsonReader.read(file), file.toString(), type, new Binder(types));
    }

    /**
     * Reads a record from text.
     *
     * @param <T> the type
     * @param json the text
     * @param source what messages call the text, for instance a file name
     * @param type a record, or an interface of records
     * @return the record
     * @throws SpecException {@code source:line: $.path: message} if it is anything else
     */
    public <T> T parse(String json, String source, Class<T> type) {
        return bind(() -> JsonReader.parse(json, source), source, type, new Binder(types));
    }

    private static <T> T bind(Supplier<Json> json, String source, Class<T> type, Binder binder) {
        try {
            return type.cast(binder.bind(json.get(), type, JsonPath.root(source)));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    /**
     * Writes a record as people read it: without what equals its default, in short forms, on lines
     * of at most 100 columns where values allow. {@link #parse} gives an equal record.
     *
     * @param record the record
     * @return the text, ending with a line break
     * @throws SpecException if it holds a record that is not registered, or a number that is not
     *     finite
     */
    public String write(Object record) {
        return new Encoder(types, false).document(record).pretty();
    }

    /**
     * Writes a record with everything that a reader would fill in: every default, every type by
     * name, no short form. {@link #parse} gives an equal record.
     *
     * @param record the record
     * @return the text, ending with a line break
     * @throws SpecException if it holds a record that is not registered, or a number that is not
     *     finite
     */
    public String writeAll(Object record) {
        return new Encoder(types, true).document(record).pretty();
    }

    /**
     * Writes what {@link #write} writes on one line without spaces. Equal records give the same
     * text.
     *
     * @param record the record
     * @return the text, without a line break
     * @throws SpecException if it holds a record that is not registered, or a number that is not
     *     finite
     */
    public String compact(Object record) {
        return new Encoder(types, false).document(record).compact();
    }

    /**
     * Describes the documents that hold a type, for editors that complete and check: JSON Schema,
     * draft 2020-12. Ranges, and what constructors check besides, are left to the reader.
     *
     * @param type a record, or an interface of records
     * @return the schema, ending with a line break
     */
    public String schema(Class<?> type) {
        return Schema.of(type, types).pretty();
    }
}
