package io.residuum.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Folds equal units that follow each other into one. Units are equal if their boxes have the same
 * layers, and if the arrows inside and to the next unit join the same boxes. Their shapes may grow.
 */
final class Folding {
    /** The largest number of elements that repeat together, such as two alternating blocks. */
    private static final int LONGEST = 8;

    private Set<Edge> links;

    private Folding(List<Edge> links) {
        this.links = new LinkedHashSet<>(links);
    }

    static Diagram of(Diagram diagram) {
        Folding folding = new Folding(diagram.links());
        List<Element> elements = folding.fold(diagram.elements());
        return new Diagram(elements, List.copyOf(folding.links));
    }

    private List<Element> fold(List<Element> elements) {
        List<Element> inner = new ArrayList<>();
        for (Element element : elements) {
            inner.add(element instanceof Group group ? fold(group) : element);
        }
        Siblings siblings = new Siblings(inner);
        List<Element> folded = new ArrayList<>();
        Map<Box, Box> moved = new HashMap<>();
        Set<Box> removed = new HashSet<>();
        for (int i = 0; i < inner.size(); ) {
            Run run = siblings.longest(i);
            if (run.times() == 1) {
                folded.add(inner.get(i++));
                continue;
            }
            List<List<Box>> copies = siblings.copies(run);
            List<Box> first = copies.get(0);
            for (List<Box> copy : copies.subList(1, copies.size())) {
                removed.addAll(copy);
            }
            for (int at = 0; at < first.size(); at++) {
                Box merged = merged(copies, at);
                moved.put(first.get(at), merged);
                moved.put(copies.get(copies.size() - 1).get(at), merged);
            }
            folded.add(replaced(group(inner, run), moved));
            i += run.length() * run.times();
        }
        if (!removed.isEmpty()) {
            redirect(removed, moved);
        }
        return folded;
    }

    private Element fold(Group group) {
        List<Element> inside = fold(group.elements());
        if (inside.size() == 1 && inside.get(0) instanceof Group only) {
            // A frame around one frame says nothing that the inner one does not.
            boolean complete = only.title().startsWith(group.path());
            String title = complete ? only.title() : group.title() + "." + only.title();
            return new Group(only.path(), title, only.times(), only.elements());
        }
        return new Group(group.path(), group.title(), group.times(), inside);
    }

    private static Group group(List<Element> elements, Run run) {
        List<Element> first = elements.subList(run.from(), run.from() + run.length());
        Element begin = first.get(0);
        String to = elements.get(run.from() + run.length() * run.times() - 1).path();
        String title = begin.title() + "\u2013" + to.substring(to.lastIndexOf('.') + 1);
        boolean frame = first.size() == 1 && begin instanceof Group group && group.times() == 1;
        List<Element> inside = frame ? ((Group) begin).elements() : first;
        return new Group(begin.path(), title, run.times(), inside);
    }

    /** Returns the box at a position of all copies, with the range of its sizes. */
    private static Box merged(List<List<Box>> copies, int at) {
        List<Box> all = copies.stream().map(copy -> copy.get(at)).toList();
        Box box = all.get(0);
        return new Box(
                box.id(),
                box.kind(),
                box.path(),
                box.title(),
                box.lines(),
                Ranges.merged(all.stream().map(Box::size).toList()),
                Ranges.merged(all.stream().map(Box::shape).toList()),
                box.nodes());
    }

    private static Element replaced(Element element, Map<Box, Box> boxes) {
        if (element instanceof Group group) {
            List<Element> inside = group.elements().stream().map(e -> replaced(e, boxes)).toList();
            return new Group(group.path(), group.title(), group.times(), inside);
        }
        return boxes.getOrDefault((Box) element, (Box) element);
    }

    /** Lets the readers of the last copy read the first one, and drops all other removed boxes. */
    private void redirect(Set<Box> removed, Map<Box, Box> moved) {
        Set<Edge> kept = new LinkedHashSet<>();
        for (Edge link : links) {
            Box from = moved.getOrDefault(link.from(), link.from());
            if (!removed.contains(link.to()) && !removed.contains(from)) {
                Box to = moved.getOrDefault(link.to(), link.to());
                // An arrow that leaves the last copy has the shape of its result.
                boolean inside = to != link.to() && from != link.from();
                boolean result = link.shape().equals(link.from().shape());
                String shape = inside && result ? from.shape() : link.shape();
                kept.add(new Edge(from, to, link.shortcut(), shape));
            }
        }
        links = kept;
    }

    /** A sequence of elements from an index that follows {@code times} times. */
    private record Run(int from, int length, int times) {
        int covered() {
            return length * (times - 1);
        }
    }

    /**
     * The start or end of an arrow: the position in a copy, or the id of a box outside.
     *
     * @param outside true for a box outside
     */
    private record End(boolean outside, int at) {}

    /** An arrow between positions. */
    private record Arrow(End from, End to, String shortcut, String shape) {}

    /** The elements of one group, with the arrows that touch each. */
    private final class Siblings {
        private final List<List<Box>> boxes = new ArrayList<>();
        private final List<String> texts = new ArrayList<>();
        private final Map<Box, Integer> elementOf = new HashMap<>();
        private final List<List<Edge>> entering = new ArrayList<>();
        private final List<List<Edge>> leaving = new ArrayList<>();

        Siblings(List<Element> elements) {
            for (Element element : elements) {
                List<Box> inside = Group.boxes(List.of(element)).toList();
                inside.forEach(box -> elementOf.put(box, boxes.size()));
                boxes.add(inside);
                texts.add(name(element) + text(element));
                entering.add(new ArrayList<>());
                leaving.add(new ArrayList<>());
            }
            for (Edge link : links) {
                Integer from = elementOf.get(link.from());
                Integer to = elementOf.get(link.to());
                if (from != null) {
                    leaving.get(from).add(link);
                }
                if (to != null) {
                    entering.get(to).add(link);
                }
            }
        }

        /** Returns the name of an element without its number. */
        private static String name(Element element) {
            return element.path().replaceAll("\\d+", "#");
        }

        private static String text(Element element) {
            if (element instanceof Box box) {
                String title = box.title().replaceAll("^\\d+", "#");
                String sizes = Ranges.pattern(box.size() + box.shape());
                return "[" + box.kind() + title + box.lines() + sizes + "]";
            }
            Group group = (Group) element;
            StringBuilder text = new StringBuilder("{").append(group.times());
            for (Element inside : group.elements()) {
                text.append(name(inside)).append(text(inside));
            }
            return text.append('}').toString();
        }

        List<List<Box>> copies(Run run) {
            return IntStream.range(0, run.times()).mapToObj(copy -> boxes(run, copy)).toList();
        }

        private List<Box> boxes(Run run, int copy) {
            int from = run.from() + copy * run.length();
            return boxes.subList(from, from + run.length()).stream().flatMap(List::stream).toList();
        }

        Run longest(int from) {
            Run best = new Run(from, 1, 1);
            for (int length = 1; length <= LONGEST && from + 2 * length <= boxes.size(); length++) {
                Run run = run(from, length);
                best = run.covered() > best.covered() ? run : best;
            }
            return best;
        }

        private Run run(int from, int length) {
            Run run = new Run(from, length, 1);
            if (!isSameText(run, 1)) {
                return run;
            }
            Set<Arrow> pattern = arrows(run, 1, 0);
            while (isSameText(run, run.times())
                    && arrows(run, run.times(), run.times() - 1).equals(pattern)
                    && leadsOnlyTo(run, run.times() - 1)) {
                run = new Run(from, length, run.times() + 1);
            }
            return run.times() > 1 && begins(run, pattern) ? run : new Run(from, length, 1);
        }

        private boolean isSameText(Run run, int copy) {
            int at = run.from() + copy * run.length();
            return at + run.length() <= texts.size()
                    && texts.subList(run.from(), run.from() + run.length())
                            .equals(texts.subList(at, at + run.length()));
        }

        /** Returns the arrows into a copy. A start in the copy before is a position. */
        private Set<Arrow> arrows(Run run, int copy, int before) {
            Map<Box, Integer> here = positions(boxes(run, copy));
            Map<Box, Integer> previous = positions(boxes(run, before));
            Set<Arrow> found = new HashSet<>();
            int from = run.from() + copy * run.length();
            for (int i = from; i < from + run.length(); i++) {
                for (Edge link : entering.get(i)) {
                    End start;
                    if (here.containsKey(link.from())) {
                        start = new End(false, -1 - here.get(link.from()));
                    } else if (previous.containsKey(link.from())) {
                        start = new End(false, previous.get(link.from()));
                    } else {
                        start = new End(true, link.from().id());
                    }
                    End end = new End(false, Objects.requireNonNull(here.get(link.to())));
                    String shape = Ranges.pattern(link.shape());
                    found.add(new Arrow(start, end, link.shortcut(), shape));
                }
            }
            return found;
        }

        private static Map<Box, Integer> positions(List<Box> boxes) {
            Map<Box, Integer> positions = new HashMap<>();
            IntStream.range(0, boxes.size()).forEach(i -> positions.put(boxes.get(i), i));
            return positions;
        }

        /** Returns true if nothing but the copy and the next one reads a copy. */
        private boolean leadsOnlyTo(Run run, int copy) {
            int from = run.from() + copy * run.length();
            int to = from + 2 * run.length();
            return IntStream.range(from, from + run.length())
                    .mapToObj(leaving::get)
                    .flatMap(List::stream)
                    .map(link -> elementOf.getOrDefault(link.to(), -1))
                    .allMatch(i -> i >= from && i < to);
        }

        /**
         * Returns true if arrows enter the first copy where the others are entered from the copy
         * before, and if the copies form a chain.
         */
        private boolean begins(Run run, Set<Arrow> pattern) {
            Set<Arrow> inner = new HashSet<>();
            Set<Arrow> chained = new HashSet<>();
            for (Arrow arrow : pattern) {
                boolean chain = !arrow.from().outside() && arrow.from().at() >= 0;
                (chain ? chained : inner).add(chain ? anywhere(arrow) : arrow);
            }
            Set<Arrow> entered = new HashSet<>();
            // No copy comes before the first one: boxes outside it are all outside.
            for (Arrow arrow : arrows(run, 0, 0)) {
                if (!inner.remove(arrow)) {
                    entered.add(anywhere(arrow));
                }
            }
            return inner.isEmpty() && !chained.isEmpty() && entered.equals(chained);
        }

        private static Arrow anywhere(Arrow arrow) {
            return new Arrow(new End(true, -1), arrow.to(), arrow.shortcut(), arrow.shape());
        }
    }
}
