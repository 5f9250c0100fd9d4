package io.residuum.weights.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The differences between a file and a network that are not allowed, in words.
 *
 * @param lacking the parameters without tensors in the file
 * @param wrong the tensors of another shape
 * @param left the tensors without parameters
 */
record Mismatch(
        List<ImportPlan.Missing> lacking, List<ImportPlan.WrongShape> wrong, List<String> left) {
    private static final int NAMES_SHOWN = 5;

    static Mismatch of(ImportPlan plan, Predicate<String> mayMiss, Predicate<String> mayRemain) {
        return new Mismatch(
                plan.missing().stream().filter(m -> !mayMiss.test(m.ours())).toList(),
                plan.wrongShapes().stream().filter(w -> !mayMiss.test(w.ours())).toList(),
                plan.unexpected().stream().filter(mayRemain.negate()).toList());
    }

    boolean isEmpty() {
        return lacking.isEmpty() && wrong.isEmpty() && left.isEmpty();
    }

    /**
     * {@return the error of a plan}
     *
     * @param parameters the number of the network's parameters
     * @param hint a remedy that is known to work; null for none
     */
    String message(ImportPlan plan, int parameters, @Nullable String hint) {
        return "the file must have the network's %d tensors by the names of %s, found %d"
                        .formatted(parameters, plan.dialect().title(), plan.matched().size())
                + some("missing", lacking, lack -> line(plan, lack))
                + some("unexpected", left, name -> name)
                + some(
                        "of another shape",
                        wrong,
                        w -> w.theirs() + " is " + w.found() + ", not " + w.expected())
                + "; "
                + (hint == null ? options() : hint)
                + ": is this the right model?";
    }

    private String options() {
        List<String> options = new ArrayList<>();
        if (!lacking.isEmpty() || !wrong.isEmpty()) {
            options.add("--allow-missing PATTERN keeps random values");
        }
        if (!left.isEmpty()) {
            options.add("--allow-unexpected PATTERN leaves tensors out");
        }
        return String.join(", ", options);
    }

    private static String line(ImportPlan plan, ImportPlan.Missing lack) {
        String expected =
                lack.theirs().isEmpty() || lack.theirs().equals(List.of(lack.ours()))
                        ? ""
                        : ": no " + String.join(" + ", lack.theirs());
        return lack.ours() + expected + plan.nearest(lack).map(", perhaps "::concat).orElse("");
    }

    /** Describes only what is shown: the nearest of many names is costly. */
    private static <T> String some(String what, List<T> all, Function<T, String> line) {
        if (all.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", all.stream().limit(NAMES_SHOWN).map(line).toList());
        String more = all.size() > NAMES_SHOWN ? ", ..." : "";
        return "; %d %s (%s%s)".formatted(all.size(), what, shown, more);
    }
}
