package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Maps;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.SeededInitializer;
import io.residuum.nn.trait.ResizableTable;
import io.residuum.spec.Glob;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plan for loading a file into a network: matched, missing, unexpected and wrongly shaped
 * tensors. Only names and shapes are read for it; values are read on request.
 */
public final class ImportPlan {
    /**
     * A parameter with tensors in the file.
     *
     * @param ours its path
     * @param theirs the names of its tensors in the file
     * @param how the conversion other than copying, in a few words; empty for none
     */
    public record Match(String ours, List<String> theirs, String how) {
        public Match {
            theirs = List.copyOf(theirs);
        }
    }

    /**
     * A parameter without tensors in the file.
     *
     * @param ours its path
     * @param theirs the expected names; empty if the dialect has none for it
     */
    public record Missing(String ours, List<String> theirs) {
        public Missing {
            theirs = List.copyOf(theirs);
        }
    }

    /**
     * A tensor whose shape does not match the network.
     *
     * @param ours the parameter's path
     * @param theirs the tensor's name in the file
     * @param expected the shape that the network needs in the file
     * @param found the shape in the file
     */
    public record WrongShape(String ours, String theirs, String expected, String found) {}

    private final RuleTable table;
    private final StateDict file;
    private final NetworkTensors network;
    private final Map<String, String> names;
    private final Map<String, TensorRows> parts = new LinkedHashMap<>();
    private final Map<String, String> resized = new LinkedHashMap<>();
    private final List<Match> matched = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final Map<String, Supplier<float[]>> defined = new LinkedHashMap<>();
    private final List<WrongShape> wrongShapes = new ArrayList<>();
    private final JoinedTensors joined = new JoinedTensors();
    private final Set<String> used = new LinkedHashSet<>();
    private final Map<String, String> copies = new LinkedHashMap<>();
    private final List<String> unexpected = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private @Nullable String hint;

    private ImportPlan(RuleTable table, NetworkTensors network, StateDict file) {
        this.table = table;
        this.network = network;
        this.file = file;
        this.names = table.withoutPrefix(file.names());
    }

    /**
     * {@return the plan for loading a file}
     *
     * @param dialect the dialect of its names
     * @param network the network's block, initialized or not
     * @param file the tensors; keep it open until their values are read
     * @throws WeightsException if a rule of the dialect does not fit the network
     */
    public static ImportPlan of(Dialect dialect, Layer network, StateDict file) {
        return of(new RuleTable(dialect), NetworkTensors.of(network), file);
    }

    static ImportPlan of(RuleTable table, NetworkTensors network, StateDict file) {
        ImportPlan plan = new ImportPlan(table, network, file);
        plan.match();
        plan.account();
        return plan;
    }

    private void match() {
        Set<String> present = new LinkedHashSet<>(names.keySet());
        names.keySet().forEach(name -> table.original(name).ifPresent(present::add));
        Set<String> stored = Set.copyOf(present);
        names.keySet().forEach(name -> present.addAll(table.copiesOf(name)));
        Map<String, TensorLink> links = network.links(table, stored, present);
        network.parameters()
                .forEach(
                        (path, parameter) -> {
                            TensorLink link = links.get(path);
                            if (link != null && present.containsAll(link.theirs())) {
                                match(path, link);
                                return;
                            }
                            List<String> theirs = link == null ? List.of() : link.theirs();
                            SeededInitializer.definedValues(parameter)
                                    .ifPresentOrElse(
                                            values -> defined.put(path, values),
                                            () -> missing.add(new Missing(path, theirs)));
                        });
    }

    private void match(String path, TensorLink link) {
        TensorRows tensors = TensorRows.of(link, network.shapes(), network.layers());
        parts.put(path, tensors);
        List<String> theirs = link.theirs().stream().map(this::inFile).toList();
        used.addAll(theirs);
        String how = "";
        for (int i = 0; i < theirs.size(); i++) {
            TensorInfo info = file.info(theirs.get(i));
            Shape found = new Shape(info.dimensions());
            Shape expected = tensors.theirShape(i);
            if (info.type().kind() == TensorType.Kind.OPAQUE || !found.equals(expected)) {
                String resizing = i == 0 ? resizing(path, link, info) : null;
                if (resizing == null) {
                    wrongShapes.add(
                            new WrongShape(
                                    path,
                                    theirs.get(i),
                                    expected == null ? "other axes" : expected.toString(),
                                    found + (isValues(info) ? "" : " of " + info.type())));
                    return;
                }
                how = resizing;
                resized.put(path, resizing);
            }
        }
        matched.add(new Match(path, theirs, how.isEmpty() ? link.how() : how));
    }

    private static boolean isValues(TensorInfo info) {
        return info.type().kind() != TensorType.Kind.OPAQUE;
    }

    /** {@return the way to resize a table to the network's size; null if it cannot be resized} */
    private @Nullable String resizing(String path, TensorLink link, TensorInfo info) {
        boolean alone = link.rule().isPlain();
        ResizableTable owner = alone && isValues(info) ? owner(path) : null;
        return owner == null ? null : owner.resizing(leaf(path), info.dimensions()).orElse(null);
    }

    private @Nullable ResizableTable owner(String path) {
        return layer(path) instanceof ResizableTable owner ? owner : null;
    }

    private @Nullable Layer layer(String path) {
        return network.layers().get(path.substring(0, Math.max(0, path.lastIndexOf('.'))));
    }

    private static String leaf(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** {@return the name in the file of a tensor, which may be a second name if it is tied} */
    private String inFile(String name) {
        String found = names.get(name);
        if (found != null) {
            return found;
        }
        List<String> others = new ArrayList<>(table.copiesOf(name));
        table.original(name).ifPresent(others::add);
        return others.stream().filter(names::containsKey).map(names::get).findFirst().orElseThrow();
    }

    /** Classifies the tensors of the file that no parameter uses. */
    private void account() {
        Set<String> present = Maps.filterValues(names, used::contains).keySet();
        names.forEach(
                (name, inFile) -> {
                    if (used.contains(inFile)) {
                        return;
                    }
                    String original = table.original(name).map(names::get).orElse(null);
                    if (table.isOfAbsentHead(name, network.owners(), present)) {
                        leftOut.add(inFile);
                    } else if (table.ignores(name)) {
                        ignored.add(inFile);
                    } else if (original != null && used.contains(original)) {
                        copies.put(inFile, original);
                        ignored.add(inFile);
                    } else {
                        unexpected.add(inFile);
                    }
                });
    }

    /** {@return the dialect of the file's names} */
    public Dialect dialect() {
        return table.dialect();
    }

    /** {@return the file} */
    public StateDict file() {
        return file;
    }

    /** {@return the parameters with tensors of a usable shape, in the network's order} */
    public List<Match> matched() {
        return Collections.unmodifiableList(matched);
    }

    /** {@return the parameters without tensors in the file, in the network's order} */
    public List<Missing> missing() {
        return Collections.unmodifiableList(missing);
    }

    /** {@return the tensors whose shapes do not match, in the network's order} */
    public List<WrongShape> wrongShapes() {
        return Collections.unmodifiableList(wrongShapes);
    }

    /** {@return the names in the file that neither the network nor the dialect uses} */
    public List<String> unexpected() {
        return Collections.unmodifiableList(unexpected);
    }

    /** {@return the names in the file that no network needs: counters, masks, tied tensors} */
    public List<String> ignored() {
        return Collections.unmodifiableList(ignored);
    }

    /** {@return the paths of parameters without usable values in the file} */
    public List<String> unmatched() {
        return Stream.concat(
                        missing.stream().map(Missing::ours),
                        wrongShapes.stream().map(WrongShape::ours))
                .toList();
    }

    /** {@return the names in the file of heads that the network does not have} */
    public List<String> leftOut() {
        return Collections.unmodifiableList(leftOut);
    }

    /** {@return the resized tables by path, each with a description in a few words} */
    public Map<String, String> resized() {
        return Collections.unmodifiableMap(resized);
    }

    /** {@return false if any tensor is missing, unexpected or of another shape} */
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && wrongShapes.isEmpty();
    }

    /** Adds a remedy to the error of a plan that does not fit. */
    void suggest(String remedy) {
        hint = remedy;
    }

    /**
     * Checks that file and network have the same tensors, except for those that settings allow.
     *
     * @param options the settings
     * @throws WeightsException as {@link #require(Predicate, Predicate)}
     */
    public void require(ImportOptions options) {
        require(any(options.allowMissing()), any(options.allowUnexpected()));
    }

    private static Predicate<String> any(List<String> patterns) {
        List<Glob> globs = patterns.stream().map(Glob::new).toList();
        return name -> globs.stream().anyMatch(glob -> glob.test(name));
    }

    /**
     * Checks that file and network have the same tensors.
     *
     * @param mayMiss accepts the paths of parameters that the file may lack
     * @param mayRemain accepts the names of tensors that the network may lack
     * @throws WeightsException with a line about all differences
     */
    public void require(Predicate<String> mayMiss, Predicate<String> mayRemain) {
        Mismatch mismatch = Mismatch.of(this, mayMiss, mayRemain);
        if (!mismatch.isEmpty()) {
            throw WeightsException.in(
                    file.file(), mismatch.message(this, network.parameters().size(), hint));
        }
    }

    private static String expected(Missing lacking) {
        return lacking.theirs().isEmpty() ? lacking.ours() : lacking.theirs().get(0);
    }

    /**
     * {@return the unexpected tensor whose name is nearest to a missing one; empty if none is near}
     *
     * @param lacking the missing parameter
     */
    public Optional<String> nearest(Missing lacking) {
        return NearestName.of(expected(lacking), unexpected, table::withoutPrefix);
    }

    /**
     * {@return the missing name that is nearest to an unexpected one; empty if none is near}
     *
     * @param name an unexpected name in the file
     */
    public Optional<String> nearest(String name) {
        List<String> names = missing.stream().map(ImportPlan::expected).toList();
        return NearestName.of(name, names, table::withoutPrefix);
    }

    /** {@return true if two plans use the same tensors for the same parameters} */
    boolean agrees(ImportPlan other) {
        return matched.equals(other.matched);
    }

    /**
     * {@return the formats of linear layers' weights by path, for those that the file holds as
     * integers, in the order of their columns}
     */
    public Map<String, QuantizedFormat> formats() {
        Map<String, QuantizedFormat> formats = new LinkedHashMap<>();
        matched.forEach(
                match -> {
                    TensorRows tensors = parts.get(match.ours());
                    boolean isWeight = leaf(match.ours()).equals("weight");
                    if (isWeight && layer(match.ours()) instanceof LinearBlock && tensors != null) {
                        tensors.link()
                                .format(match.theirs().stream().map(file::format).toList())
                                .ifPresent(format -> formats.put(match.ours(), format));
                    }
                });
        return formats;
    }

    /**
     * {@return suppliers of the parameters' values by path; each call reads the file, or computes
     * values that a shape determines}
     *
     * @throws WeightsException if two tied tensors have different values
     */
    public Map<String, Supplier<float[]>> values() {
        copies.forEach(this::requireSame);
        Map<String, Supplier<float[]>> values = new LinkedHashMap<>(defined);
        matched.forEach(match -> values.put(match.ours(), () -> read(match)));
        return values;
    }

    private void requireSame(String copy, String original) {
        if (!Arrays.equals(file.floats(copy), file.floats(original))) {
            throw WeightsException.in(
                    file.file(),
                    "tensor %s must be equal to %s, because the network ties them, found other"
                                    .formatted(copy, original)
                            + " values; use a network whose head is not tied");
        }
    }

    private float[] read(Match match) {
        ResizableTable owner = resized.containsKey(match.ours()) ? owner(match.ours()) : null;
        if (owner != null) {
            String name = match.theirs().get(0);
            long[] shape = file.info(name).dimensions();
            return owner.resize(leaf(match.ours()), file.floats(name), shape);
        }
        TensorRows tensors = parts.get(match.ours());
        if (tensors == null) {
            throw new IllegalStateException(match.ours() + " is matched without its parts");
        }
        List<String> ours = tensors.link().ours();
        Supplier<float[]> all =
                () -> tensors.joined(match.theirs().stream().map(file::floats).toList());
        return tensors.toOurs(
                ours.indexOf(match.ours()), ours.size() > 1 ? joined.of(ours, all) : all.get());
    }
}
