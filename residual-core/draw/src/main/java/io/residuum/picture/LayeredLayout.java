package io.residuum.picture;

import io.residuum.draw.Box;
import io.residuum.draw.Diagram;
import io.residuum.draw.Edge;
import io.residuum.draw.Element;
import io.residuum.draw.Group;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.alg.layered.options.WrappingStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.PortConstraints;
import org.eclipse.elk.core.options.PortSide;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.ElkPort;
import org.eclipse.elk.graph.util.ElkGraphUtil;
import org.jspecify.annotations.Nullable;

/**
 * Places a diagram by the layered algorithm of the Eclipse Layout Kernel. Each group is laid out
 * separately: an arrow into a group goes through a port on its border, so that the readers of one
 * value share one arrow.
 */
final class LayeredLayout {
    /**
     * The form of a layout.
     *
     * @param outer the direction of arrows outside groups
     * @param inner the direction of arrows in groups
     * @param aspect the width divided by the height that lines of elements wrap to; 0 for one line
     */
    record Form(Direction outer, Direction inner, double aspect) {}

    private record PortKey(ElkNode node, Box source, boolean into, boolean shortcut) {}

    private record Ends(ElkPort from, ElkPort to) {}

    private record Segment(ElkEdge edge, boolean shortcut, boolean arrow) {}

    private final Form form;
    private final ElkNode root = ElkGraphUtil.createGraph();
    private final Map<ElkNode, Element> elements = new LinkedHashMap<>();
    private final Map<Box, ElkNode> nodes = new HashMap<>();
    private final Map<PortKey, ElkPort> ports = new HashMap<>();
    private final Map<Ends, Segment> segments = new LinkedHashMap<>();
    private @Nullable ElkNode inlined;
    private final Set<Box> labelled = new HashSet<>();

    private LayeredLayout(Diagram diagram, Form form) {
        this.form = form;
        configure(root, form.outer());
        root.setProperty(LayeredOptions.PADDING, new ElkPadding(0));
        if (form.inner() != form.outer()) {
            // Straight arrows would make stairs of groups that are entered at one end and left at
            // the other.
            root.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.SIMPLE);
            // It would also bend arrows around texts beside them.
            inlined = root;
        }
        if (form.aspect() > 0) {
            root.setProperty(LayeredOptions.WRAPPING_STRATEGY, WrappingStrategy.MULTI_EDGE);
            root.setProperty(LayeredOptions.ASPECT_RATIO, form.aspect());
        }
        add(diagram.elements(), root);
        // The arrows of the flow come first, because the first one shows the shape.
        diagram.links().stream().filter(link -> !link.isShortcut()).forEach(this::add);
        diagram.links().stream().filter(Edge::isShortcut).forEach(this::add);
    }

    /**
     * Places a diagram.
     *
     * @param diagram the boxes and arrows
     * @param form the form to give it
     */
    static Arrangement of(Diagram diagram, Form form) {
        LayeredLayout layout = new LayeredLayout(diagram, form);
        new RecursiveGraphLayoutEngine().layout(layout.root, new BasicProgressMonitor());
        return layout.arrangement();
    }

    private static void configure(ElkNode graph, Direction direction) {
        graph.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        graph.setProperty(LayeredOptions.DIRECTION, direction);
        graph.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        graph.setProperty(
                LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE, 14.0);
        graph.setProperty(LayeredOptions.SPACING_EDGE_NODE, 10.0);
        graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE, 9.0);
        graph.setProperty(LayeredOptions.SPACING_EDGE_LABEL, 2.0);
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 13.0);
        graph.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 9.0);
        graph.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
    }

    private void add(List<Element> inside, ElkNode parent) {
        for (Element element : inside) {
            ElkNode node = ElkGraphUtil.createNode(parent);
            elements.put(node, element);
            node.setProperty(LayeredOptions.PORT_CONSTRAINTS, PortConstraints.FIXED_SIDE);
            if (element instanceof Group group) {
                configure(node, form.inner());
                node.setProperty(
                        LayeredOptions.PADDING,
                        new ElkPadding(
                                Metrics.FRAME_TOP,
                                Metrics.FRAME_SIDE + Metrics.cards(group),
                                Metrics.FRAME_SIDE + Metrics.cards(group),
                                Metrics.FRAME_SIDE));
                node.setProperty(
                        LayeredOptions.NODE_SIZE_CONSTRAINTS,
                        EnumSet.of(SizeConstraint.MINIMUM_SIZE));
                node.setProperty(
                        LayeredOptions.NODE_SIZE_MINIMUM, new KVector(Metrics.width(group), 40));
                add(group.elements(), node);
            } else {
                Box box = (Box) element;
                node.setDimensions(Metrics.width(box), Metrics.height(box));
                nodes.put(box, node);
            }
        }
    }

    private ElkNode node(Box box) {
        return Objects.requireNonNull(nodes.get(box));
    }

    private void add(Edge link) {
        List<ElkNode> above = groups(node(link.from()));
        List<ElkNode> below = groups(node(link.to()));
        int shared = 0;
        while (shared < Math.min(above.size(), below.size())
                && above.get(shared) == below.get(shared)) {
            shared++;
        }
        ElkPort at = port(node(link.from()), link.from(), false, false);
        for (int i = above.size() - 1; i >= shared; i--) {
            ElkPort next = port(above.get(i), link.from(), false, false);
            join(at, next, link, false);
            at = next;
        }
        for (int i = shared; i <= below.size(); i++) {
            boolean last = i == below.size();
            ElkPort next =
                    last
                            ? port(node(link.to()), link.from(), true, link.isShortcut())
                            : port(below.get(i), link.from(), true, false);
            ElkEdge edge = join(at, next, link, last);
            at = next;
            if (i == shared && showsShape(link)) {
                label(edge, link.shape());
            }
            if (last && showsShortcut(link)) {
                label(edge, link.shortcut());
            }
        }
    }

    /**
     * Returns true if an arrow shows the shape of its value: the first one that carries it, but not
     * into a merge, whose result has the same shape; and those to outputs.
     */
    private boolean showsShape(Edge link) {
        if (link.to().kind() == Box.Kind.MERGE && link.shape().equals(link.to().shape())) {
            return false;
        }
        return labelled.add(link.from()) || link.to().kind() == Box.Kind.OUTPUT;
    }

    private static boolean showsShortcut(Edge link) {
        return link.isShortcut()
                && link.to().kind() == Box.Kind.MERGE
                && link.from().kind() != Box.Kind.SHORTCUT;
    }

    /** Returns the groups around a node, outermost first. */
    private List<ElkNode> groups(ElkNode node) {
        List<ElkNode> groups = new ArrayList<>();
        for (ElkNode at = node.getParent(); at != root; at = at.getParent()) {
            groups.add(0, at);
        }
        return groups;
    }

    private ElkPort port(ElkNode node, Box source, boolean into, boolean shortcut) {
        return ports.computeIfAbsent(
                new PortKey(node, source, into, shortcut),
                key -> {
                    ElkPort port = ElkGraphUtil.createPort(node);
                    boolean down =
                            node.getParent().getProperty(LayeredOptions.DIRECTION)
                                    == Direction.DOWN;
                    PortSide side =
                            into
                                    ? down ? PortSide.NORTH : PortSide.WEST
                                    : down ? PortSide.SOUTH : PortSide.EAST;
                    port.setProperty(LayeredOptions.PORT_SIDE, side);
                    return port;
                });
    }

    private ElkEdge join(ElkPort from, ElkPort to, Edge link, boolean arrow) {
        // Flow comes first: a segment that both use stays part of the flow.
        return segments.computeIfAbsent(
                        new Ends(from, to),
                        ends ->
                                new Segment(
                                        ElkGraphUtil.createSimpleEdge(from, to),
                                        link.isShortcut(),
                                        arrow))
                .edge();
    }

    private void label(ElkEdge edge, String text) {
        ElkLabel label = ElkGraphUtil.createLabel(text, edge);
        label.setDimensions(
                Math.ceil(Face.REGULAR.width(text, Metrics.CAPTION)) + 2, Metrics.CAPTION + 2);
        label.setProperty(LayeredOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
        label.setProperty(LayeredOptions.EDGE_LABELS_INLINE, edge.getContainingNode() == inlined);
    }

    private Arrangement arrangement() {
        List<PlacedElement> places = new ArrayList<>();
        elements.forEach(
                (node, element) -> {
                    Point2D origin = origin(node);
                    places.add(
                            new PlacedElement(
                                    element,
                                    new Rectangle2D.Double(
                                            origin.getX(),
                                            origin.getY(),
                                            node.getWidth(),
                                            node.getHeight())));
                });
        return new Arrangement(
                root.getWidth(),
                root.getHeight(),
                places,
                segments.values().stream().map(LayeredLayout::wire).toList());
    }

    private static Point2D origin(ElkNode node) {
        double x = 0;
        double y = 0;
        for (ElkNode at = node; at.getParent() != null; at = at.getParent()) {
            x += at.getX();
            y += at.getY();
        }
        return new Point2D.Double(x, y);
    }

    private static Wire wire(Segment segment) {
        ElkEdge edge = segment.edge();
        Point2D origin = origin(edge.getContainingNode());
        double x = origin.getX();
        double y = origin.getY();
        List<Point2D> points = new ArrayList<>();
        ElkEdgeSection section = edge.getSections().get(0);
        points.add(new Point2D.Double(x + section.getStartX(), y + section.getStartY()));
        section.getBendPoints()
                .forEach(p -> points.add(new Point2D.Double(x + p.getX(), y + p.getY())));
        points.add(new Point2D.Double(x + section.getEndX(), y + section.getEndY()));
        List<Point2D> forks = new ArrayList<>();
        for (KVector p : edge.getProperty(LayeredOptions.JUNCTION_POINTS)) {
            forks.add(new Point2D.Double(x + p.x, y + p.y));
        }
        List<Wire.Caption> captions =
                edge.getLabels().stream()
                        .map(
                                l ->
                                        new Wire.Caption(
                                                l.getText(),
                                                new Rectangle2D.Double(
                                                        x + l.getX(),
                                                        y + l.getY(),
                                                        l.getWidth(),
                                                        l.getHeight())))
                        .toList();
        return new Wire(points, forks, segment.shortcut(), segment.arrow(), captions);
    }
}
