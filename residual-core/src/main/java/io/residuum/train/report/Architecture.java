package io.residuum.train.report;

import io.residuum.model.Cost;
import io.residuum.model.Summary;
import java.util.Locale;

/** The layers of the network with their shapes and costs. */
final class Architecture {
    private final Cost total;

    private Architecture(Cost total) {
        this.total = total;
    }

    static Section section(ReportData data) {
        Summary summary = data.summary();
        Architecture table = new Architecture(summary.total());
        Markup body = new Markup();
        body.leaf(
                "p",
                "%s reads %s. Parameters and multiply-accumulates of one sample, without an engine"
                                .formatted(data.spec().name(), table.shape(data))
                        + " from the shapes alone.",
                "class",
                "lead");
        body.open("div", "class", "wide").open("table", "class", "layers numbers");
        body.open("thead").open("tr").leaf("th", "layer", "scope", "col", "class", "name");
        body.leaf("th", "output", "scope", "col");
        body.leaf("th", "parameters", "scope", "col", "colspan", "2");
        body.leaf("th", "MACs", "scope", "col", "colspan", "2");
        body.close().close().open("tbody");
        summary.rows().forEach(row -> table.row(body, row));
        body.close().open("tfoot").open("tr");
        body.leaf("th", "total", "scope", "row", "class", "name");
        body.leaf("td", shape(table.total));
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
        body.leaf("td", shape(row.cost()));
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

    private String shape(ReportData data) {
        return text(data.spec().input().batchShape().getShape());
    }

    private static String shape(Cost cost) {
        return text(cost.output().getShape());
    }

    /** The sizes behind the batch. */
    private static String text(long[] shape) {
        StringBuilder out = new StringBuilder();
        for (int i = 1; i < shape.length; i++) {
            out.append(i > 1 ? " × " : "").append(shape[i]);
        }
        return out.toString();
    }
}
