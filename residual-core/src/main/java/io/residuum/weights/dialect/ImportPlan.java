package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.json.EditDistance;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.ResizableTable;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the tensors of a file in a network: which is which, what is missing, left over or
 * of another shape. Made from names and shapes alone; values are read when they are asked for.
 */
public final class ImportPlan {
    private static final int NAMES_SHOWN = 5;

    /** Names are near where less than one in so many characters differs. */
    private static final int NEAR = 3;

    /**
     * A parameter that the file has.
     *
     * @param ours its path
     * @param theirs the tensors it is made of, by their names in the file
     * @param how what is done beside copying, in a few words; empty for nothing
     */
    public record Match(String ours, List<String> theirs, String how) {
        /** Copies the names. */
        public Match {
            theirs = List.copyOf(theirs);
        }
    }

    /**
     * A parameter that the file has not.
     *
     * @param ours its path
     * @param theirs the names looked for; empty if the dialect has none for it
     */
    public record Missing(String ours, List<String> theirs) {
        /** Copies the names. */
        public Missing {
            theirs = List.copyOf(theirs);
        }
    }

    /**
     * A tensor of another shape than the network's.
     *
     * @param ours the parameter's path
     * @param theirs the tensor's name in the file
     * @param expected the shape it must have there
     * @param found the shape it has
     */
    public record WrongShape(String ours, String theirs, String expected, String found) {}

    private final RuleTable table;
    private final StateDict file;
    private final Map<String, Parameter> parameters;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Map<String, String> names;
    private final Map<String, TensorRows> parts = new LinkedHashMap<>();
    private final Map<String, String> resized = new LinkedHashMap<>();
    private final List<Match> matched = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final List<WrongShape> wrongShapes = new ArrayList<>();
    private final Set<String> used = new LinkedHashSet<>();
    private final Map<String, String> copies = new LinkedHashMap<>();
    private final List<String> unexpected = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();

    private ImportPlan(Dialect dialect, Layer network, StateDict file) {
        this.table = new RuleTable(dialect);
        this.file = file;
        this.parameters = network.namedParameters();
        network.walk(layers::put);
        this.names = table.withoutPrefix(file.names());
    }

    /**
     * Plans the reading of a file.
     *
     * @param dialect its names
     * @param network the network's block, initialized or not
     * @param file the tensors, to stay open until their values are read
     * @return the plan
     * @throws WeightsException if a rule of the dialect does not fit the network
     */
    public static ImportPlan of(Dialect dialect, Layer network, StateDict file) {
        ImportPlan plan = new ImportPlan(dialect, network, file);
        plan.match();
        plan.account();
        return plan;
    }

    private void match() {
        Set<String> present = new LinkedHashSet<>(names.keySet());
        names.keySet().forEach(name -> table.original(name).ifPresent(present::add));
        names.keySet().forEach(name -> present.addAll(table.copiesOf(name)));
        Map<String, TensorLink> links = table.links(parameters.keySet(), present);
        for (String path : parameters.keySet()) {
            TensorLink link = links.get(path);
            if (link == null) {
                missing.add(new Missing(path, List.of()));
            } else if (present.containsAll(link.theirs())) {
                match(path, link);
            } else {
                missing.add(new Missing(path, link.theirs()));
            }
        }
    }

    private void match(String path, TensorLink link) {
        TensorRows tensors = TensorRows.of(link, parameters, layers);
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
        matched.add(new Match(path, theirs, how.isEmpty() ? how(link) : how));
    }

    private static boolean isValues(TensorInfo info) {
        return info.type().kind() != TensorType.Kind.OPAQUE;
    }

    private static String how(TensorLink link) {
        List<String> words = new ArrayList<>();
        if (!link.rule().rearrange().isEmpty()) {
            words.add(link.rule().rearrange());
        }
        if (link.theirs().size() > link.ours().size()) {
            words.add("joined");
        }
        if (link.theirs().size() < link.ours().size()) {
            words.add("split");
        }
        return String.join(", ", words);
    }

    /** How a table of another size is brought to the network's; null if it cannot be. */
    private @Nullable String resizing(String path, TensorLink link, TensorInfo info) {
        boolean alone = link.rule().parts() == 1 && link.rule().rearrange().isEmpty();
        ResizableTable owner = alone && isValues(info) ? owner(path) : null;
        return owner == null ? null : owner.resizing(leaf(path), info.dimensions()).orElse(null);
    }

    private @Nullable ResizableTable owner(String path) {
        int dot = path.lastIndexOf('.');
        return layers.get(dot < 0 ? "" : path.substring(0, dot)) instanceof ResizableTable owner
                ? owner
                : null;
    }

    private static String leaf(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The name in the file of what a rule calls so: a tied tensor may lie there under either. */
    private String inFile(String name) {
        String found = names.get(name);
        if (found != null) {
            return found;
        }
        List<String> others = new ArrayList<>(table.copiesOf(name));
        table.original(name).ifPresent(others::add);
        return others.stream().filter(names::containsKey).map(names::get).findFirst().orElseThrow();
    }

    /** Accounts for every tensor of the file that no parameter is made of. */
    private void account() {
        names.forEach(
                (name, inFile) -> {
                    if (used.contains(inFile)) {
                        return;
                    }
                    String original = table.original(name).map(names::get).orElse(null);
                    if (original != null && used.contains(original)) {
                        copies.put(inFile, original);
                        ignored.add(inFile);
                    } else if (table.ignores(name)) {
                        ignored.add(inFile);
                    } else {
                        unexpected.add(inFile);
                    }
                });
    }

    /**
     * The file's names.
     *
     * @return the dialect
     */
    public Dialect dialect() {
        return table.dialect();
    }

    /**
     * The tensors.
     *
     * @return the file
     */
    public StateDict file() {
        return file;
    }

    /**
     * The parameters that the file has, in its shape or one that can be brought to the network's.
     *
     * @return in the network's order
     */
    public List<Match> matched() {
        return Collections.unmodifiableList(matched);
    }

    /**
     * The parameters that the file has not.
     *
     * @return in the network's order
     */
    public List<Missing> missing() {
        return Collections.unmodifiableList(missing);
    }

    /**
     * The tensors whose shapes are not the network's.
     *
     * @return in the network's order
     */
    public List<WrongShape> wrongShapes() {
        return Collections.unmodifiableList(wrongShapes);
    }

    /**
     * The tensors that the network has no use for and the dialect does not know.
     *
     * @return names in the file
     */
    public List<String> unexpected() {
        return Collections.unmodifiableList(unexpected);
    }

    /**
     * The tensors that no network needs: counters, masks, second names of tied tensors.
     *
     * @return names in the file
     */
    public List<String> ignored() {
        return Collections.unmodifiableList(ignored);
    }

    /**
     * The tables that are brought to another size.
     *
     * @return by path, a few words each
     */
    public Map<String, String> resized() {
        return Collections.unmodifiableMap(resized);
    }

    /**
     * Whether file and network have the same tensors.
     *
     * @return false if any is missing, unexpected or of another shape
     */
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && wrongShapes.isEmpty();
    }

    /**
     * Requires that file and network have the same tensors.
     *
     * @param mayMiss which parameters the file may lack, by path
     * @param mayRemain which tensors of the file may be of no use, by name
     * @throws WeightsException with a line about all that is wrong
     */
    public void require(Predicate<String> mayMiss, Predicate<String> mayRemain) {
        List<String> lacking =
                missing.stream()
                        .filter(m -> !mayMiss.test(m.ours()))
                        .map(m -> m.ours() + near(expected(m), unexpected))
                        .toList();
        List<String> wrong =
                wrongShapes.stream()
                        .filter(w -> !mayMiss.test(w.ours()))
                        .map(w -> w.theirs() + " is " + w.found() + ", not " + w.expected())
                        .toList();
        List<String> left = unexpected.stream().filter(mayRemain.negate()).toList();
        if (lacking.isEmpty() && wrong.isEmpty() && left.isEmpty()) {
            return;
        }
        throw WeightsException.in(
                file.file(),
                "the tensors must be the network's %d by the names of %s, found %d"
                                .formatted(
                                        parameters.size(), table.dialect().title(), matched.size())
                        + some("missing", lacking)
                        + some("unexpected", left)
                        + some("of another shape", wrong)
                        + ": is this the right model?");
    }

    private static String some(String what, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
        String more = names.size() > NAMES_SHOWN ? ", ..." : "";
        return "; %d %s (%s%s)".formatted(names.size(), what, shown, more);
    }

    private static String expected(Missing lacking) {
        return lacking.theirs().isEmpty() ? lacking.ours() : lacking.theirs().get(0);
    }

    private String near(String name, Collection<String> names) {
        return nearest(name, names).map(n -> ", perhaps " + n).orElse("");
    }

    /**
     * The tensor of the file that a missing parameter may be.
     *
     * @param lacking the parameter
     * @return the unexpected tensor with the nearest name; empty if none is near
     */
    public Optional<String> nearest(Missing lacking) {
        return nearest(expected(lacking), unexpected);
    }

    /**
     * The tensor that an unexpected one may be meant to be.
     *
     * @param name in the file
     * @return the nearest name that the network looked for and did not find; empty if none is near
     */
    public Optional<String> nearest(String name) {
        return nearest(name, missing.stream().map(ImportPlan::expected).toList());
    }

    private Optional<String> nearest(String name, Collection<String> names) {
        String bare = table.withoutPrefix(name);
        int limit = Math.max(2, bare.length() / NEAR);
        String nearest = null;
        int least = limit + 1;
        for (String other : names) {
            String candidate = table.withoutPrefix(other);
            // Names in a file may be of any length: most need no comparing.
            if (Math.abs(candidate.length() - bare.length()) < least) {
                int distance = EditDistance.between(bare, candidate);
                if (distance < least) {
                    least = distance;
                    nearest = other;
                }
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Whether two plans take the same tensors for the same parameters. */
    boolean agrees(ImportPlan other) {
        return matched.equals(other.matched);
    }

    /**
     * The values of the parameters that are matched.
     *
     * @return by path, in the network's order; each call of a supplier reads the file
     * @throws WeightsException if two tensors that must be the same one are not
     */
    public Map<String, Supplier<float[]>> values() {
        copies.forEach(this::requireSame);
        Map<String, Supplier<float[]>> values = new LinkedHashMap<>();
        matched.forEach(match -> values.put(match.ours(), () -> read(match)));
        return values;
    }

    private void requireSame(String copy, String original) {
        if (!Arrays.equals(file.floats(copy), file.floats(original))) {
            throw WeightsException.in(
                    file.file(),
                    "tensor %s must be %s, to which the network ties it, found other values; take a"
                                    .formatted(copy, original)
                            + " network whose head is not tied");
        }
    }

    private float[] read(Match match) {
        float[] first = file.floats(match.theirs().get(0));
        ResizableTable owner = resized.containsKey(match.ours()) ? owner(match.ours()) : null;
        if (owner != null) {
            long[] shape = file.info(match.theirs().get(0)).dimensions();
            return owner.resize(leaf(match.ours()), first, shape);
        }
        List<float[]> theirs = new ArrayList<>();
        theirs.add(first);
        match.theirs().stream().skip(1).map(file::floats).forEach(theirs::add);
        TensorRows tensors = parts.get(match.ours());
        if (tensors == null) {
            throw new IllegalStateException(match.ours() + " is matched without its parts");
        }
        return tensors.toOurs(tensors.link().ours().indexOf(match.ours()), theirs);
    }
}
