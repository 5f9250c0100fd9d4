package io.residuum.draw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a diagram as an SVG picture in light or dark colours, as the viewer prefers. */
public final class SvgDrawing {
    private static final double MARGIN = 24;
    private static final double HEADER = 74;
    private static final double CORNER = 9;
    private static final String STYLE =
            """
            text { font-family: system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; fill: #1c2024; }
            .paper { fill: #fbfbf9; }
            .name { font-size: 20px; font-weight: 650; }
            .title { font-size: 13px; font-weight: 600; }
            .text, .kind { font-size: 11.5px; }
            .text, .subtitle, .frame text { fill: #5c646d; }
            .subtitle { font-size: 13px; }
            .frame rect { fill: #1c2024; fill-opacity: .028; stroke: #d5d7d5; }
            .frame text { font-size: 12px; font-weight: 600; }
            .box rect { fill: #ffffff; stroke: #a9afb5; stroke-width: 1.2; }
            .input rect { fill: #eef0f1; stroke: #a9afb5; }
            .merge rect, .shortcut rect { fill: #fdf3e7; stroke: #c06a12; stroke-width: 1.4; }
            .shortcut rect { stroke-dasharray: 5 3; }
            .flow { fill: none; stroke: #5c646d; stroke-width: 1.4; }
            .skip { fill: none; stroke: #c06a12; stroke-width: 1.8; }
            .head { fill: #5c646d; }
            .skip-head, .tap { fill: #c06a12; }
            .kind { fill: #a2570c; font-style: italic; }
            @media (prefers-color-scheme: dark) {
              text { fill: #e7e9eb; }
              .paper { fill: #14171a; }
              .text, .subtitle, .frame text { fill: #9ea6af; }
              .frame rect { fill: #ffffff; stroke: #343b42; }
              .box rect { fill: #1f2428; stroke: #59626b; }
              .input rect { fill: #262c31; stroke: #59626b; }
              .merge rect, .shortcut rect { fill: #33271a; stroke: #eda55a; }
              .flow { stroke: #9ea6af; }
              .skip { stroke: #eda55a; }
              .head { fill: #9ea6af; }
              .skip-head, .tap { fill: #eda55a; }
              .kind { fill: #eda55a; }
            }
            """;

    private final Layout layout;
    private final Markup svg = new Markup();
    private double dx;
    private double dy;

    private SvgDrawing(Layout layout) {
        this.layout = layout;
    }

    /**
     * Draws a diagram.
     *
     * @param diagram the diagram to draw
     * @param title the title of the picture
     * @param subtitle a line below the title
     * @return an SVG document
     */
    public static String of(Diagram diagram, String title, String subtitle) {
        return new SvgDrawing(new Layout(diagram)).draw(title, subtitle);
    }

    private String draw(String title, String subtitle) {
        Rect around = around();
        double headline =
                Math.max(1.1 * TextMetrics.width(title, 20), TextMetrics.width(subtitle, 13));
        double width = Math.max(around.width(), headline) + 2 * MARGIN;
        double height = around.height() + HEADER + MARGIN;
        dx = (width - around.width()) / 2 - around.x();
        dy = HEADER - around.y();
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "width",
                n(width),
                "height",
                n(height),
                "viewBox",
                "0 0 " + n(width) + " " + n(height),
                "role",
                "img",
                "aria-label",
                title);
        svg.style(STYLE);
        svg.open("defs");
        arrowhead("head");
        arrowhead("skip-head");
        svg.close();
        svg.empty("rect", "class", "paper", "width", n(width), "height", n(height));
        svg.leaf("text", title, "class", "name", "x", n(MARGIN), "y", "34");
        svg.leaf("text", subtitle, "class", "subtitle", "x", n(MARGIN), "y", "55");
        List<Map.Entry<Frame, Rect>> frames = new ArrayList<>(layout.frames().entrySet());
        Collections.reverse(frames);
        frames.forEach(e -> frame(e.getKey(), e.getValue()));
        layout.routes().forEach(this::route);
        layout.places().forEach(this::box);
        return svg.close() + System.lineSeparator();
    }

    private Rect around() {
        double left = 0;
        double right = 0;
        double top = 0;
        double bottom = 0;
        List<Rect> all = new ArrayList<>(layout.places().values());
        all.addAll(layout.frames().values());
        for (Rect rect : all) {
            left = Math.min(left, rect.x());
            right = Math.max(right, rect.right());
            top = Math.min(top, rect.y());
            bottom = Math.max(bottom, rect.bottom());
        }
        for (Route route : layout.routes()) {
            for (Point point : route.points()) {
                left = Math.min(left, point.x());
                right = Math.max(right, point.x());
            }
        }
        return new Rect(left, top, right - left, bottom - top);
    }

    private void arrowhead(String name) {
        svg.open(
                "marker",
                "id",
                name,
                "viewBox",
                "0 0 8 8",
                "refX",
                "7.5",
                "refY",
                "4",
                "markerWidth",
                "8",
                "markerHeight",
                "8",
                "markerUnits",
                "userSpaceOnUse",
                "orient",
                "auto");
        svg.empty("path", "class", name, "d", "M0 0.5L8 4L0 7.5z");
        svg.close();
    }

    private void frame(Frame frame, Rect at) {
        svg.open("g", "class", "frame");
        rect(at, 10);
        text(frame.path(), "", at.x() + 12, at.y() + 18, "start");
        svg.close();
    }

    private void box(Box box, Rect at) {
        svg.open("g", "class", "box " + box.kind().name().toLowerCase(Locale.ROOT));
        if (!box.path().isEmpty()) {
            svg.leaf("title", box.path());
        }
        rect(at, box.kind() == Box.Kind.MERGE ? Math.min(20, at.height() / 2) : 6);
        double y = at.y() + 20;
        text(box.title(), "title", at.center(), y, "middle");
        for (String line : box.lines()) {
            y += TextMetrics.LINE;
            text(line, "text", at.center(), y, "middle");
        }
        svg.close();
    }

    private void route(Route route) {
        boolean shortcut = route.link().isShortcut();
        List<Point> points = route.points();
        Point start = points.get(0);
        if (route.tapped()) {
            String x = n(start.x() + dx);
            svg.empty("circle", "class", "tap", "cx", x, "cy", n(start.y() + dy), "r", "3");
        }
        svg.empty(
                "path",
                "class",
                shortcut ? "skip" : "flow",
                "marker-end",
                shortcut ? "url(#skip-head)" : "url(#head)",
                "d",
                path(points));
        Point end = points.get(points.size() - 1);
        Point corner = points.get(points.size() - 2);
        boolean merges = route.link().to().kind() == Box.Kind.MERGE;
        if (shortcut && merges && end.y() == corner.y()) {
            text(route.link().shortcut(), "kind", corner.x() + 12, end.y() - 6, "start");
        }
    }

    /** Returns path data for lines with round corners. */
    private String path(List<Point> points) {
        StringBuilder d = new StringBuilder("M").append(at(points.get(0)));
        for (int i = 1; i < points.size() - 1; i++) {
            Point here = points.get(i);
            Point before = points.get(i - 1);
            Point after = points.get(i + 1);
            double radius =
                    Math.min(CORNER, Math.min(distance(before, here), distance(here, after)) / 2);
            d.append('L').append(at(towards(here, before, radius)));
            d.append('Q').append(at(here)).append(' ').append(at(towards(here, after, radius)));
        }
        return d.append('L').append(at(points.get(points.size() - 1))).toString();
    }

    private static double distance(Point a, Point b) {
        return Math.abs(a.x() - b.x()) + Math.abs(a.y() - b.y());
    }

    private static Point towards(Point from, Point to, double by) {
        double all = distance(from, to);
        double share = all == 0 ? 0 : by / all;
        return new Point(
                from.x() + share * (to.x() - from.x()), from.y() + share * (to.y() - from.y()));
    }

    private String at(Point point) {
        return n(point.x() + dx) + " " + n(point.y() + dy);
    }

    private void rect(Rect at, double round) {
        svg.empty(
                "rect",
                "x",
                n(at.x() + dx),
                "y",
                n(at.y() + dy),
                "width",
                n(at.width()),
                "height",
                n(at.height()),
                "rx",
                n(round));
    }

    private void text(String text, String style, double x, double y, String anchor) {
        svg.leaf(
                "text",
                text,
                "class",
                style,
                "x",
                n(x + dx),
                "y",
                n(y + dy),
                "text-anchor",
                anchor);
    }

    private static String n(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
