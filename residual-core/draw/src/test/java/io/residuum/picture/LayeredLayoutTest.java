package io.residuum.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.draw.Box;
import io.residuum.draw.Diagram;
import io.residuum.draw.Element;
import io.residuum.draw.Group;
import io.residuum.draw.Level;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.elk.core.options.Direction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds for every form and every level of detail. */
class LayeredLayoutTest {

    private static final List<Arguments> LAYOUTS = all();

    static List<Arguments> layouts() {
        return LAYOUTS;
    }

    private static List<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (Level level : Level.values()) {
            Diagram diagram = Networks.diagram(Networks.ODD, level);
            // One form is enough for the largest diagram.
            boolean one = level == Level.OPERATION;
            for (LayeredLayout.Form form : Arrangement.FORMS.subList(0, one ? 1 : 6)) {
                all.add(Arguments.of(level, form, diagram, LayeredLayout.of(diagram, form)));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void nothingOverlaps(
            Level level, LayeredLayout.Form form, Diagram diagram, Arrangement arrangement) {
        Set<Element> placed = new HashSet<>();
        arrangement.places().forEach(place -> placed.add(place.element()));
        assertTrue(placed.containsAll(diagram.boxes()));
        Rectangle2D page =
                new Rectangle2D.Double(
                        -0.01, -0.01, arrangement.width() + 0.02, arrangement.height() + 0.02);
        for (PlacedElement a : arrangement.places()) {
            assertTrue(page.contains(a.at()), a + " is outside " + page);
            for (PlacedElement b : arrangement.places()) {
                if (a == b || isInside(a, b) || isInside(b, a)) {
                    continue;
                }
                assertFalse(a.at().intersects(b.at()), () -> a + " overlaps " + b);
            }
            if (a.element() instanceof Box box) {
                assertTrue(a.at().getWidth() >= Metrics.width(box), box.title());
                assertTrue(a.at().getHeight() >= Metrics.height(box), box.title());
            }
        }
    }

    /** Elements of a group lie in its frame below the title. */
    private static boolean isInside(PlacedElement inner, PlacedElement outer) {
        if (!(outer.element() instanceof Group group) || !contains(group, inner.element())) {
            return false;
        }
        Rectangle2D at = outer.at();
        Rectangle2D below =
                new Rectangle2D.Double(
                        at.getX(),
                        at.getY() + Metrics.FRAME_TOP,
                        at.getWidth() - Metrics.cards(group),
                        at.getHeight() - Metrics.FRAME_TOP - Metrics.cards(group));
        assertTrue(below.contains(inner.at()), () -> inner + " is outside " + outer);
        return true;
    }

    private static boolean contains(Group group, Element element) {
        return group.elements().stream()
                .anyMatch(e -> e == element || e instanceof Group g && contains(g, element));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void wiresJoinBoxesAndCrossNone(
            Level level, LayeredLayout.Form form, Diagram diagram, Arrangement arrangement) {
        Set<Box> entered = new HashSet<>();
        for (Wire wire : arrangement.wires()) {
            for (int i = 1; i < wire.points().size(); i++) {
                var a = wire.points().get(i - 1);
                var b = wire.points().get(i);
                assertTrue(
                        Math.abs(a.getX() - b.getX()) < 0.01
                                || Math.abs(a.getY() - b.getY()) < 0.01,
                        () -> wire + " is not orthogonal");
            }
            for (PlacedElement place : arrangement.places()) {
                if (!(place.element() instanceof Box box)) {
                    continue;
                }
                assertFalse(wire.crosses(grown(place.at(), -1)), () -> wire + " in " + box.path());
                var end = wire.points().get(wire.points().size() - 1);
                if (wire.arrow() && grown(place.at(), 0.5).contains(end)) {
                    entered.add(box);
                }
            }
        }
        Set<Box> read = new HashSet<>();
        diagram.links().forEach(link -> read.add(link.to()));
        assertEquals(read, entered);
    }

    private static Rectangle2D grown(Rectangle2D at, double by) {
        return new Rectangle2D.Double(
                at.getX() - by, at.getY() - by, at.getWidth() + 2 * by, at.getHeight() + 2 * by);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void captionsLieFree(
            Level level, LayeredLayout.Form form, Diagram diagram, Arrangement arrangement) {
        List<Wire.Caption> captions =
                arrangement.wires().stream().flatMap(w -> w.captions().stream()).toList();
        assertFalse(captions.isEmpty());
        for (Wire.Caption caption : captions) {
            for (PlacedElement place : arrangement.places()) {
                assertFalse(
                        place.element() instanceof Box && place.at().intersects(caption.at()),
                        () -> caption + " on " + place);
            }
            for (Wire wire : arrangement.wires()) {
                assertTrue(
                        wire.captions().contains(caption) || !wire.crosses(caption.at()),
                        () -> caption + " on " + wire);
            }
        }
        Set<String> shortcuts = new TreeSet<>();
        arrangement.wires().stream()
                .filter(Wire::shortcut)
                .flatMap(wire -> wire.captions().stream())
                .forEach(caption -> shortcuts.add(caption.text()));
        assertEquals(level != Level.STAGE, shortcuts.contains("identity"), shortcuts.toString());
    }

    @Test
    void shapesStandAtOutputs() {
        Arrangement arrangement = Arrangement.of(Networks.diagram(Networks.ODD, Level.BLOCK));
        Set<String> texts = new TreeSet<>();
        arrangement.wires().forEach(w -> w.captions().forEach(c -> texts.add(c.text())));
        assertTrue(texts.containsAll(Set.of("(N, 3, 8, 8)", "(N, 2, 8, 8)", "(N, 1)")));
    }

    @Test
    void equalDiagramsHaveEqualArrangements() {
        Diagram diagram = Networks.diagram(Networks.ODD, Level.LAYER);
        Arrangement first = Arrangement.of(diagram);
        Arrangement second = Arrangement.of(Networks.diagram(Networks.ODD, Level.LAYER));
        assertEquals(first.wires(), second.wires());
        assertEquals(
                first.places().stream().map(PlacedElement::at).toList(),
                second.places().stream().map(PlacedElement::at).toList());
    }

    /** A short chain goes down, a longer one wraps rather than shrink. */
    @Test
    void formFollowsThePage() {
        Diagram small = Networks.diagram(Networks.chain(4), Level.BLOCK);
        Arrangement down =
                LayeredLayout.of(small, new LayeredLayout.Form(Direction.DOWN, Direction.DOWN, 0));
        assertEquals(down.height(), Arrangement.of(small).height());
        Diagram large = Networks.diagram(Networks.chain(24), Level.BLOCK);
        Arrangement chosen = Arrangement.of(large);
        double one = LayeredLayout.of(large, Arrangement.FORMS.get(0)).pageScale();
        assertTrue(chosen.pageScale() > 1.15 * one, chosen.pageScale() + " and " + one);
        assertTrue(chosen.width() > down.width());
    }
}
