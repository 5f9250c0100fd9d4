package io.residuum.inspect;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Svg;
import java.util.ArrayList;
import java.util.List;

/** Draws units side by side, with the weights of each layer. */
final class UnitDrawing {
    private static final int COLUMN = 200;
    private static final int BOX = 96;
    private static final int ROW = 46;
    private static final int TOP = 66;
    private static final int BOTTOM = 78;

    /**
     * A unit.
     *
     * @param name its name
     * @param input a line about what it reads
     * @param layers its layers
     * @param weights the number of weights of each layer
     * @param allWeights the number of all weights
     * @param macs its multiply-accumulates
     */
    record Column(
            String name,
            String input,
            List<String> layers,
            List<Long> weights,
            long allWeights,
            long macs) {}

    private final List<Column> columns = new ArrayList<>();

    void add(Column column) {
        columns.add(column);
    }

    Markup draw(boolean standalone) {
        int rows = columns.stream().mapToInt(c -> c.layers.size()).max().orElse(0);
        int height = TOP + rows * ROW + BOTTOM;
        Markup svg = Svg.open("Units side by side", columns.size() * COLUMN, height);
        if (standalone) {
            svg.style(Svg.style("", ""));
        }
        for (int i = 0; i < columns.size(); i++) {
            draw(svg, columns.get(i), i * COLUMN + COLUMN / 2 - 10, TOP + rows * ROW);
        }
        return svg.close();
    }

    private static void draw(Markup svg, Column column, int x, int sum) {
        text(svg, "title", "middle", x, 16, column.name);
        text(svg, "", "middle", x, 36, column.input);
        path(svg, "M%d 42V%d".formatted(x, sum - 9));
        // The shortcut leaves above the first layer and returns at the sum.
        int side = x + BOX / 2 + 40;
        path(svg, "M%d 50H%dV%dH%d".formatted(x, side, sum, x + 9));
        int first = sum - column.layers.size() * ROW;
        for (int i = 0; i < column.layers.size(); i++) {
            int y = first + i * ROW;
            svg.empty(
                    "rect",
                    "x",
                    "" + (x - BOX / 2),
                    "y",
                    "" + y,
                    "width",
                    "" + BOX,
                    "height",
                    "26",
                    "rx",
                    "4",
                    "fill",
                    "#1f5fbf",
                    "fill-opacity",
                    "0.14",
                    "stroke",
                    "#1f5fbf");
            text(svg, "", "middle", x, y + 17, column.layers.get(i));
            text(svg, "", "end", x + BOX / 2, y + 39, Numbers.grouped(column.weights.get(i)));
        }
        svg.empty(
                "circle", "cx", "" + x, "cy", "" + sum, "r", "9", "fill", "none", "stroke",
                "#1f5fbf");
        path(svg, "M%d %dh10m-5 -5v10".formatted(x - 5, sum));
        path(svg, "M%d %dv14".formatted(x, sum + 9));
        text(svg, "title", "middle", x, sum + 42, Numbers.grouped(column.allWeights));
        text(svg, "", "middle", x, sum + 62, Numbers.compact(column.macs) + " MACs");
    }

    private static void path(Markup svg, String path) {
        svg.empty("path", "d", path, "fill", "none", "stroke", "#1f5fbf");
    }

    private static void text(Markup svg, String css, String anchor, int x, int y, String text) {
        svg.leaf("text", text, "class", css, "x", "" + x, "y", "" + y, "text-anchor", anchor);
    }
}
