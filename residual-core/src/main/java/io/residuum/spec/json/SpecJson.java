package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.SpecException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Reads and writes specs as JSON. The reader is strict and calls the records' constructors, so that
 * text and code pass the same checks. Every error names the file, line, JSON path, the value found
 * and the accepted values.
 *
 * <p>A record is an object of its components. If it implements an interface of several records,
 * {@code "type"} names it. A string stands for a type without components: {@code "none"} for {@code
 * {"type": "none"}}. Types mark other short forms with {@link io.residuum.spec.Shorthand}. Enum
 * constants are in lower case with dashes; single letters do not change. A nullable component and
 * one with a {@link io.residuum.spec.Default} may be omitted.
 *
 * <p>Immutable and safe for use by several threads. Documents are UTF-8 (a byte order mark is
 * skipped), at most 4 MiB and 200 levels deep.
 */
public final class SpecJson {
    /** The last result of {@link #standard}: reflection on all records takes longer than a file. */
    private static volatile SoftReference<SpecJson> last = new SoftReference<>(null);

    private final Types types;

    /**
     * Creates a reader and writer for the records of open interfaces.
     *
     * @param records layers and others, each with a {@link io.residuum.spec.TypeName}
     * @throws SpecException if a record has no name, two records of an interface share a name, or a
     *     component has no form in JSON
     */
    public SpecJson(Collection<? extends Class<? extends Record>> records) {
        types = new Types(records);
    }

    /**
     * {@return a reader and writer for the records of every {@link RecordProvider} on the class
     * path}
     *
     * @throws SpecException as the constructor does
     */
    public static SpecJson standard() {
        List<Class<? extends Record>> records = new ArrayList<>();
        ServiceLoader.load(RecordProvider.class).forEach(p -> records.addAll(p.records()));
        SpecJson known = last.get();
        if (known == null || !known.types.registered().equals(records)) {
            known = new SpecJson(records);
            last = new SoftReference<>(known);
        }
        return known;
    }

    /**
     * Reads a network and builds it once, without an engine, to check that its layers fit.
     *
     * @param file a JSON file
     * @return the network, valid
     * @throws SpecException {@code file:line: $.path: message} if the document is not valid
     */
    public ModelSpec readModel(Path file) {
        try {
            return readModel(JsonReader.read(file), file.toString());
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    /**
     * Reads a network from a document, like {@link #readModel(Path)}.
     *
     * @param json the document
     * @param source the document's name in messages, for instance a file name
     * @return the network, valid
     * @throws SpecException {@code source:line: $.path: message} if the document is not valid
     */
    public ModelSpec readModel(Json json, String source) {
        return readModel(json, JsonPath.root(source));
    }

    /**
     * Reads a network from a part of a document, like {@link #readModel(Path)}.
     *
     * @param json the value
     * @param at the path of the value in its document
     * @return the network, valid
     * @throws SpecException {@code source:line: $.path: message} if the value is not valid
     */
    public ModelSpec readModel(Json json, JsonPath at) {
        Binder binder = new Binder(types);
        ModelSpec model = bind(() -> json, at, ModelSpec.class, binder);
        try {
            model.newBlock();
        } catch (SpecException e) {
            throw binder.located(e, model.network());
        }
        return model;
    }

    /**
     * Reads a record.
     *
     * @param <T> the type
     * @param file a JSON file
     * @param type a record, or an interface of records
     * @throws SpecException {@code file:line: $.path: message} if the document is not valid
     */
    public <T> T read(Path file, Class<T> type) {
        JsonPath root = JsonPath.root(file.toString());
        return bind(() -> JsonReader.read(file), root, type, new Binder(types));
    }

    /**
     * Reads a record from a part of a document.
     *
     * @param <T> the type
     * @param json the value
     * @param at the path of the value in its document
     * @param type a record, or an interface of records
     * @throws SpecException {@code source:line: $.path: message} if the value is not valid
     */
    public <T> T read(Json json, JsonPath at, Class<T> type) {
        return bind(() -> json, at, type, new Binder(types));
    }

    /**
     * Reads a record from text.
     *
     * @param <T> the type
     * @param json the text
     * @param source the text's name in messages, for instance a file name
     * @param type a record, or an interface of records
     * @throws SpecException {@code source:line: $.path: message} if the text is not valid
     */
    public <T> T parse(String json, String source, Class<T> type) {
        JsonPath root = JsonPath.root(source);
        return bind(() -> JsonReader.parse(json, source), root, type, new Binder(types));
    }

    private static <T> T bind(Supplier<Json> json, JsonPath at, Class<T> type, Binder binder) {
        try {
            return type.cast(binder.bind(json.get(), type, at));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    /**
     * {@return a record as text for people, ending with a line break} It omits defaults, uses short
     * forms and breaks lines at 100 columns where values allow. {@link #parse} gives an equal
     * record.
     *
     * @throws SpecException if the record contains one that is not registered, or a number that is
     *     not finite
     */
    public String write(Object record) {
        return new Encoder(types, false).document(record).pretty();
    }

    /**
     * {@return a record as text with every default, every type and no short form, ending with a
     * line break} {@link #parse} gives an equal record.
     *
     * @throws SpecException as {@link #write} does
     */
    public String writeAll(Object record) {
        return tree(record).pretty();
    }

    /**
     * {@return a record as a JSON value with every default, every type and no short form}
     *
     * @throws SpecException as {@link #write} does
     */
    public Json tree(Object record) {
        return new Encoder(types, true).document(record);
    }

    /**
     * {@return the text of {@link #write} on one line, without spaces and line break} Equal records
     * give equal text.
     *
     * @throws SpecException as {@link #write} does
     */
    public String compact(Object record) {
        return new Encoder(types, false).document(record).compact();
    }

    /**
     * {@return the values of {@code "type"} that select a record of an interface, sorted}
     *
     * @param type an interface of records
     */
    public Set<String> typeNames(Class<?> type) {
        return new TreeSet<>(((JsonType.Union) types.of(type)).kinds().keySet());
    }

    /**
     * {@return the JSON Schema (draft 2020-12) of documents that contain a type, ending with a line
     * break} Editors use it for completion and checks. Only the reader checks ranges and other
     * conditions of constructors.
     *
     * @param type a record, or an interface of records
     */
    public String schema(Class<?> type) {
        return schema(type, List.of(), Schema.published());
    }

    /**
     * {@return the schema of a type, which also defines other types}
     *
     * @param others records or interfaces, whose schemas are {@code #/$defs/SimpleName}
     * @param descriptions the text of a type, or of the component with a name in JSON; empty for
     *     none. A {@link io.residuum.spec.Doc} overrides it. The name is empty for the type
     */
    public String schema(
            Class<?> type,
            List<Class<?>> others,
            BiFunction<Class<?>, String, String> descriptions) {
        return Schema.of(type, others, types, descriptions).pretty();
    }
}
