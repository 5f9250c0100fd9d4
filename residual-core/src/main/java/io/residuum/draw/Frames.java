package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;

/** Puts boxes into groups. Boxes that follow each other in the same layer share a group. */
final class Frames {
    private final List<Element> inputs = new ArrayList<>();
    private final List<Element> top = new ArrayList<>();
    private final List<String> open = new ArrayList<>();
    private final List<List<Element>> contents = new ArrayList<>();

    /**
     * Adds a box.
     *
     * @param box the next box in drawing order
     * @param frames the layers around it, outermost first
     */
    void add(Box box, List<String> frames) {
        if (box.kind() == Box.Kind.INPUT) {
            // An input that is first read inside a layer does not divide the layer's group.
            inputs.add(box);
            return;
        }
        int shared = 0;
        while (shared < open.size()
                && shared < frames.size()
                && open.get(shared).equals(frames.get(shared))) {
            shared++;
        }
        close(shared);
        for (String path : frames.subList(shared, frames.size())) {
            open.add(path);
            contents.add(new ArrayList<>());
        }
        innermost().add(box);
    }

    private List<Element> innermost() {
        return contents.isEmpty() ? top : contents.get(contents.size() - 1);
    }

    private void close(int depth) {
        while (open.size() > depth) {
            String path = open.remove(open.size() - 1);
            List<Element> inside = contents.remove(contents.size() - 1);
            String parent = open.isEmpty() ? "" : open.get(open.size() - 1) + ".";
            innermost().add(new Group(path, title(path, parent), 1, inside));
        }
    }

    /** Returns a path relative to its parent, or as it is if only a number would remain. */
    private static String title(String path, String parent) {
        String rest = path.startsWith(parent) ? path.substring(parent.length()) : path;
        return Character.isDigit(rest.charAt(0)) ? path : rest;
    }

    /** Returns the inputs, then all other elements, and closes the open groups. */
    List<Element> elements() {
        close(0);
        List<Element> all = new ArrayList<>(inputs);
        all.addAll(top);
        return all;
    }
}
