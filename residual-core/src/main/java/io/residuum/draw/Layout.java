package io.residuum.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes positions for a diagram: one column from top to bottom, one box per row, centered at 0.
 * Boxes on a shortcut stand to the left of the rows that they skip. An arrow that skips rows runs
 * in a separate lane: shortcuts on the left, all others on the right.
 */
final class Layout {
    private static final double GAP = 26;
    private static final double OPENING = 32;
    private static final double CLOSING = 10;
    private static final double PADDING = 14;
    private static final double TAP = 9;
    private static final double LANE = 24;
    private static final double PORTS = 9;

    /** The space for the name of a shortcut between its lane and the merge. */
    private static final double SHORTCUT_LABEL = 84;

    private record Stack(List<Box> boxes, int from, int to, double width, double height) {}

    private final Diagram diagram;
    private final List<Box> column = new ArrayList<>();
    private final Map<Box, Integer> rows = new HashMap<>();
    private final List<Stack> stacks = new ArrayList<>();
    private final Map<Box, Stack> stackOf = new HashMap<>();
    private final Map<Box, Rect> places = new LinkedHashMap<>();
    private final Map<Frame, Rect> frames = new LinkedHashMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final Map<Edge, Double> ports = new HashMap<>();

    /** The lane positions, by link for shortcuts and by source box for other arrows. */
    private final Map<Object, Double> lanes = new HashMap<>();

    Layout(Diagram diagram) {
        this.diagram = diagram;
        for (Box box : diagram.boxes()) {
            if (box.kind() != Box.Kind.SHORTCUT) {
                rows.put(box, column.size());
                column.add(box);
            }
        }
        stack();
        placeRows();
        setPorts();
        placeSides();
        diagram.links().forEach(this::route);
    }

    Map<Box, Rect> places() {
        return places;
    }

    /** Returns the frames, inner ones before outer ones. */
    Map<Frame, Rect> frames() {
        return frames;
    }

    List<Route> routes() {
        return routes;
    }

    private int row(Box box) {
        return Objects.requireNonNull(rows.get(box));
    }

    private Rect place(Box box) {
        return Objects.requireNonNull(places.get(box));
    }

    private Rect place(int row) {
        return place(column.get(row));
    }

    private void stack() {
        List<Box> run = new ArrayList<>();
        for (Box box : diagram.boxes()) {
            if (box.kind() == Box.Kind.SHORTCUT) {
                run.add(box);
            } else if (!run.isEmpty()) {
                add(List.copyOf(run));
                run.clear();
            }
        }
        if (!run.isEmpty()) {
            add(List.copyOf(run));
        }
    }

    private void add(List<Box> boxes) {
        int source = -1;
        int to = column.size();
        for (Edge link : diagram.links()) {
            if (boxes.contains(link.to()) && rows.containsKey(link.from())) {
                source = Math.max(source, row(link.from()));
            }
            if (boxes.contains(link.from()) && rows.containsKey(link.to())) {
                to = Math.min(to, row(link.to()));
            }
        }
        double width = boxes.stream().mapToDouble(Layout::width).max().orElseThrow();
        double height = GAP * (boxes.size() - 1);
        for (Box box : boxes) {
            height += height(box);
        }
        Stack stack = new Stack(boxes, source < 0 ? to : source + 1, to, width, height);
        stacks.add(stack);
        boxes.forEach(box -> stackOf.put(box, stack));
    }

    private static double width(Box box) {
        double width = TextMetrics.title(box.title());
        for (String line : box.lines()) {
            width = Math.max(width, TextMetrics.text(line));
        }
        return Math.ceil(width + 2 * PADDING);
    }

    private static double height(Box box) {
        return 14 + TextMetrics.LINE * (box.lines().size() + 1);
    }

    private void placeRows() {
        double common = 0;
        double merging = 0;
        for (Box box : column) {
            if (box.kind() == Box.Kind.MERGE) {
                merging = Math.max(merging, width(box));
            } else {
                common = Math.max(common, width(box));
            }
        }
        common = merging == 0 ? common : Math.max(common, merging + 2 * SHORTCUT_LABEL);
        Map<Integer, Double> tops = new HashMap<>();
        double y = 0;
        for (int row = 0; row <= column.size(); row++) {
            if (row > 0) {
                y += GAP + CLOSING * closing(row);
            }
            y += OPENING * opening(row);
            for (Stack stack : stacks) {
                if (stack.from() == row) {
                    tops.put(row, y);
                }
                if (stack.to() == row) {
                    y = Math.max(y, tops.getOrDefault(stack.from(), y) + stack.height() + GAP);
                }
            }
            if (row < column.size()) {
                Box box = column.get(row);
                double width = box.kind() == Box.Kind.MERGE ? width(box) : common;
                places.put(box, new Rect(-width / 2, y, width, height(box)));
                y += height(box);
            }
        }
        for (Stack stack : stacks) {
            double top = Objects.requireNonNull(tops.get(stack.from()));
            for (Box box : stack.boxes()) {
                places.put(box, new Rect(0, top, stack.width(), height(box)));
                top += height(box) + GAP;
            }
        }
    }

    private List<String> around(int row) {
        return row < 0 || row >= column.size() ? List.of() : column.get(row).frames();
    }

    private int shared(int row) {
        List<String> above = around(row - 1);
        List<String> here = around(row);
        int n = 0;
        while (n < above.size() && n < here.size() && above.get(n).equals(here.get(n))) {
            n++;
        }
        return n;
    }

    private int opening(int row) {
        return around(row).size() - shared(row);
    }

    private int closing(int row) {
        return around(row - 1).size() - shared(row);
    }

    /** Spreads the arrows that end on the same side of a box. */
    private void setPorts() {
        Map<Box, List<Edge>> left = new HashMap<>();
        Map<Box, Map<Box, List<Edge>>> right = new HashMap<>();
        for (Edge link : diagram.links()) {
            if (!rows.containsKey(link.to())) {
                continue;
            }
            if (link.isShortcut() || !rows.containsKey(link.from())) {
                left.computeIfAbsent(link.to(), b -> new ArrayList<>()).add(link);
            } else if (row(link.to()) != row(link.from()) + 1) {
                right.computeIfAbsent(link.to(), b -> new LinkedHashMap<>())
                        .computeIfAbsent(link.from(), b -> new ArrayList<>())
                        .add(link);
            }
        }
        left.values().forEach(this::spread);
        right.values().forEach(by -> spread(by.values().stream().flatMap(List::stream).toList()));
    }

    private void spread(List<Edge> links) {
        double height = place(links.get(0).to()).height();
        double step = Math.min(PORTS, (height - 8) / links.size());
        for (int i = 0; i < links.size(); i++) {
            ports.put(links.get(i), step * (i - (links.size() - 1) / 2.0));
        }
    }

    private double port(Edge link) {
        return place(link.to()).middle() + ports.getOrDefault(link, 0.0);
    }

    /** Returns true if an arrow goes straight down from a row to the next. */
    private boolean flows(int row) {
        return row + 1 < column.size()
                && diagram.links().stream()
                        .anyMatch(
                                l ->
                                        !l.isShortcut()
                                                && l.from() == column.get(row)
                                                && l.to() == column.get(row + 1));
    }

    /**
     * Returns the start of a shortcut: on the arrow below its source if there is one, else on the
     * source.
     */
    private Point start(Edge link) {
        int row = row(link.from());
        Rect from = place(link.from());
        return flows(row)
                ? new Point(0, place(row + 1).y() - TAP)
                : new Point(from.x(), from.middle());
    }

    private void placeSides() {
        SideExtents sides = new SideExtents();
        places.forEach(
                (box, rect) -> {
                    if (rows.containsKey(box)) {
                        sides.add(rect.y(), rect.bottom(), rect.x(), rect.right());
                    }
                });
        List<Item> items = new ArrayList<>();
        for (Frame frame : Frame.around(column)) {
            items.add(frame(frame, sides));
        }
        for (Stack stack : stacks) {
            items.add(item(stack, sides));
        }
        Map<Box, Double> ends = new LinkedHashMap<>();
        for (Edge link : diagram.links()) {
            if (!rows.containsKey(link.from()) || !rows.containsKey(link.to())) {
                continue;
            }
            if (link.isShortcut()) {
                double top = start(link).y();
                items.add(
                        new Item(
                                top,
                                port(link),
                                () -> lanes.put(link, sides.left(top, port(link), LANE, 0))));
            } else if (row(link.to()) != row(link.from()) + 1) {
                ends.merge(link.from(), port(link), Math::max);
            }
        }
        ends.forEach(
                (box, end) -> {
                    double top = place(box).middle();
                    items.add(
                            new Item(top, end, () -> lanes.put(box, sides.right(top, end, LANE))));
                });
        items.sort(Comparator.comparingDouble(item -> item.bottom() - item.top()));
        items.forEach(item -> item.place().run());
    }

    /** Something placed beside the column. Short items are placed first, closer to the column. */
    private record Item(double top, double bottom, Runnable place) {}

    private Item frame(Frame frame, SideExtents sides) {
        int first = row(frame.first());
        int last = row(frame.last());
        int depth = frame.first().frames().indexOf(frame.path());
        int inner = frame.first().frames().size() - depth;
        int within = frame.last().frames().size() - depth;
        double top = place(first).y() - OPENING * inner;
        double bottom = place(last).bottom() + CLOSING * within;
        return new Item(
                top,
                bottom,
                () -> {
                    double titleWidth = TextMetrics.title(frame.path()) + 2 * PADDING;
                    double left = Math.min(sides.left(top, bottom, PADDING, 0), -titleWidth);
                    double right = sides.right(top, bottom, PADDING);
                    sides.add(top, bottom, left, right);
                    frames.put(frame, new Rect(left, top, right - left, bottom - top));
                });
    }

    private Item item(Stack stack, SideExtents sides) {
        double top = place(stack.boxes().get(0)).y() - TAP;
        double bottom =
                stack.to() < column.size()
                        ? place(stack.to()).middle()
                        : place(stack.boxes().get(stack.boxes().size() - 1)).bottom();
        return new Item(
                top,
                bottom,
                () -> {
                    double x = sides.left(top, bottom, 2 * LANE, stack.width() + LANE) + LANE;
                    for (Box box : stack.boxes()) {
                        Rect at = place(box);
                        places.put(box, new Rect(x, at.y(), at.width(), at.height()));
                    }
                });
    }

    private void route(Edge link) {
        Stack from = stackOf.get(link.from());
        Stack to = stackOf.get(link.to());
        if (from != null) {
            leave(link, from, to);
        } else if (to != null) {
            enter(link, to);
        } else if (link.isShortcut()) {
            Point start = start(link);
            double x = Objects.requireNonNull(lanes.get(link));
            add(link, start.x() == 0, start, x, new Point(place(link.to()).x(), port(link)));
        } else if (row(link.to()) == row(link.from()) + 1) {
            Point start = new Point(0, place(link.from()).bottom());
            routes.add(new Route(link, List.of(start, new Point(0, place(link.to()).y())), false));
        } else {
            Rect start = place(link.from());
            double x = Objects.requireNonNull(lanes.get(link.from()));
            Point end = new Point(place(link.to()).right(), port(link));
            add(link, false, new Point(start.right(), start.middle()), x, end);
        }
    }

    /** Adds a route to a lane, along the lane and back. */
    private void add(Edge link, boolean tapped, Point start, double x, Point end) {
        routes.add(
                new Route(
                        link,
                        List.of(start, new Point(x, start.y()), new Point(x, end.y()), end),
                        tapped));
    }

    private void enter(Edge link, Stack stack) {
        Rect to = place(link.to());
        Point start = start(link);
        boolean tapped = start.x() == 0;
        if (link.to() == stack.boxes().get(0)) {
            Point over = new Point(to.center(), start.y());
            routes.add(
                    new Route(link, List.of(start, over, new Point(to.center(), to.y())), tapped));
        } else {
            double x = to.right() + LANE / 2;
            add(link, tapped, start, x, new Point(to.right(), to.middle()));
        }
    }

    private void leave(Edge link, Stack stack, @Nullable Stack to) {
        Rect from = place(link.from());
        Rect end = place(link.to());
        int at = stack.boxes().indexOf(link.from());
        Point below = new Point(from.center(), from.bottom());
        if (to == null) {
            Point merge = new Point(end.x(), port(link));
            if (at == stack.boxes().size() - 1) {
                Point corner = new Point(from.center(), merge.y());
                routes.add(new Route(link, List.of(below, corner, merge), false));
            } else {
                double x = from.right() + LANE;
                add(link, false, new Point(from.right(), from.middle()), x, merge);
            }
        } else if (stack.boxes().indexOf(link.to()) == at + 1) {
            Point next = new Point(end.center(), end.y());
            routes.add(new Route(link, List.of(below, next), false));
        } else {
            Point start = new Point(from.x(), from.middle());
            add(link, false, start, from.x() - LANE / 2, new Point(end.x(), end.middle()));
        }
    }
}
