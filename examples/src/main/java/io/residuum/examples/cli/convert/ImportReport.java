package io.residuum.examples.cli.convert;

import io.residuum.weights.dialect.ImportPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Formats the plan of an import for people. */
final class ImportReport {
    private final ImportPlan plan;
    private final Set<String> fresh;

    /**
     * Creates a report.
     *
     * @param fresh the parameters that get random values even if the file has them
     */
    ImportReport(ImportPlan plan, Set<String> fresh) {
        this.plan = plan;
        this.fresh = fresh;
    }

    /** {@return the counts, each followed by its mismatches} */
    List<String> lines(boolean withMatches) {
        List<String> lines = new ArrayList<>();
        String family = plan.dialect().family();
        lines.add(
                "dialect      %s%s: %s"
                        .formatted(
                                plan.dialect().name(),
                                family.isEmpty() ? "" : " (" + family + ")",
                                plan.dialect().about()));
        if (!plan.file().removedPrefixes().isEmpty()) {
            lines.add(
                    "prefix       %s removed"
                            .formatted(String.join(" and ", plan.file().removedPrefixes())));
        }
        List<String> matched =
                plan.matched().stream()
                        .filter(match -> isWanted(match.ours()))
                        .map(ImportReport::line)
                        .toList();
        lines.add("matched      " + matched.size());
        if (withMatches) {
            lines.addAll(matched);
        }
        if (!fresh.isEmpty()) {
            add(lines, "new head", fresh.stream().sorted().map(path -> "  " + path).toList());
        }
        add(
                lines,
                "missing",
                plan.missing().stream()
                        .filter(missing -> isWanted(missing.ours()))
                        .map(this::line)
                        .toList());
        add(lines, "unexpected", plan.unexpected().stream().map(this::unexpected).toList());
        add(
                lines,
                "wrong shape",
                plan.wrongShapes().stream()
                        .filter(wrong -> isWanted(wrong.ours()))
                        .map(ImportReport::line)
                        .toList());
        lines.add("ignored      " + plan.ignored().size());
        if (!plan.leftOut().isEmpty()) {
            add(
                    lines,
                    "other heads",
                    plan.leftOut().stream().map(name -> "  " + name + ": left out").toList());
        }
        List<String> beside = plan.file().ignored();
        if (!beside.isEmpty()) {
            lines.add("beside       %d: %s".formatted(beside.size(), String.join(", ", beside)));
        }
        return lines;
    }

    private boolean isWanted(String path) {
        return !fresh.contains(path);
    }

    private static void add(List<String> lines, String what, List<String> found) {
        lines.add("%-12s %d".formatted(what, found.size()));
        lines.addAll(found);
    }

    private static String line(ImportPlan.Match match) {
        String how = match.how().isEmpty() ? "" : "  (" + match.how() + ")";
        return "  %s <- %s%s".formatted(match.ours(), String.join(" + ", match.theirs()), how);
    }

    private String line(ImportPlan.Missing missing) {
        String expected =
                missing.theirs().isEmpty()
                        ? "the dialect has no name for it"
                        : "no " + String.join(" + ", missing.theirs());
        return "  %s: %s%s".formatted(missing.ours(), expected, perhaps(plan.nearest(missing)));
    }

    private String unexpected(String name) {
        return "  " + name + perhaps(plan.nearest(name));
    }

    private static String perhaps(Optional<String> nearest) {
        return nearest.map(name -> ", perhaps " + name).orElse("");
    }

    private static String line(ImportPlan.WrongShape wrong) {
        return "  %s <- %s: is %s, must be %s"
                .formatted(wrong.ours(), wrong.theirs(), wrong.found(), wrong.expected());
    }
}
