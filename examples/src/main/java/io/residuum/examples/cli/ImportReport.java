package io.residuum.examples.cli;

import io.residuum.weights.dialect.ImportPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A plan of an import as people read it. */
final class ImportReport {
    private final ImportPlan plan;

    ImportReport(ImportPlan plan) {
        this.plan = plan;
    }

    /** The counts, each with what is wrong below it. */
    List<String> lines(boolean withMatches) {
        List<String> lines = new ArrayList<>();
        String family = plan.dialect().family();
        lines.add(
                "dialect      %s%s: %s"
                        .formatted(
                                plan.dialect().name(),
                                family.isEmpty() ? "" : " (" + family + ")",
                                plan.dialect().about()));
        lines.add("matched      " + plan.matched().size());
        if (withMatches) {
            plan.matched().forEach(match -> lines.add(line(match)));
        }
        add(lines, "missing", plan.missing().stream().map(this::line).toList());
        add(lines, "unexpected", plan.unexpected().stream().map(this::unexpected).toList());
        add(lines, "wrong shape", plan.wrongShapes().stream().map(ImportReport::line).toList());
        lines.add("ignored      " + plan.ignored().size());
        return lines;
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
