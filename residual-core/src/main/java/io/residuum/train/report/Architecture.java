package io.residuum.train.report;

import ai.djl.ndarray.types.Shape;
import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Section;
import io.residuum.model.Cost;
import io.residuum.model.Summary;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Writes the section with the network's layers, their shapes and costs. */
record Architecture(Cost total) {
    static Section section(ReportData data) {
        Summary summary = data.summary();
        Architecture table = new Architecture(summary.total());
        Markup body = new Markup();
        body.leaf(
                "p",
                "%s reads %s. Bars are shares of all parameters and of all multiply-accumulates."
                        .formatted(data.spec().name(), shape(data.spec().input().batchShape())),
                "class",
                "lead");
        body.open("div", "class", "wide").open("table", "class", "layers numbers");
        body.open("thead").open("tr").leaf("th", "layer", "scope", "col", "class", "name");
        body.leaf("th", "output", "scope", "col");
        body.leaf("th", "parameters", "scope", "col").leaf("td", "");
        body.leaf("th", "MACs", "scope", "col").leaf("td", "");
        body.close().close().open("tbody");
        summary.rows().forEach(row -> table.row(body, row));
        body.close().open("tfoot").open("tr");
        body.leaf("th", "total", "scope", "row", "class", "name");
        body.leaf("td", shape(table.total.output()));
        body.leaf("td", Numbers.grouped(table.total.parameters())).leaf("td", "");
        body.leaf("td", Numbers.grouped(table.total.macs())).leaf("td", "");
        body.close().close().close().close();
        return new Section("architecture", "Architecture", body);
    }

    private void row(Markup body, Summary.Row row) {
        body.open("tr", "class", row.leaf() ? "leaf" : "group");
        String indent = "--depth:" + row.depth();
        body.open("th", "scope", "row", "class", "name", "style", indent).text(row.name());
        body.leaf("span", row.what(), "class", "what");
        if (row.times() > 1) {
            body.leaf("span", "× " + row.times(), "class", "times");
        }
        body.close();
        body.leaf("td", shape(row.cost().output()));
        share(body, row.cost().parameters(), total.parameters());
        share(body, row.cost().macs(), total.macs());
        body.close();
    }

    private static void share(Markup body, long part, long whole) {
        body.leaf("td", part == 0 ? "" : Numbers.grouped(part)).open("td", "class", "share");
        if (part > 0) {
            double percent = 100.0 * part / whole;
            String style = String.format(Locale.ROOT, "width:%.2f%%", percent);
            String title = String.format(Locale.ROOT, "%.1f%% of all", percent);
            body.leaf("span", "", "class", "bar", "style", style, "title", title);
        }
        body.close();
    }

    /** Formats a shape without its batch dimension. */
    private static String shape(Shape batch) {
        return LongStream.of(batch.getShape())
                .skip(1)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(" × "));
    }
}
