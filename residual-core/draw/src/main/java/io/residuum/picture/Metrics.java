package io.residuum.picture;

import io.residuum.draw.Box;
import io.residuum.draw.Group;
import java.util.ArrayList;
import java.util.List;

/** The sizes of texts, and of what surrounds them. */
final class Metrics {
    static final double TITLE = 11.5;
    static final double TEXT = 10;
    static final double CAPTION = 9;
    static final double LINE = 12.5;
    static final double PADDING = 7;
    static final double FRAME_TOP = 20;
    static final double FRAME_SIDE = 9;

    /** The distance between the frames of a group that stands for several. */
    static final double CARD = 3;

    private Metrics() {}

    static double width(Box box) {
        double width = Face.BOLD.width(box.title(), TITLE);
        for (String line : lines(box)) {
            width = Math.max(width, Face.REGULAR.width(line, TEXT));
        }
        return Math.ceil(Math.max(width + 2 * PADDING, 36));
    }

    /** Returns the lines below the title. */
    static List<String> lines(Box box) {
        List<String> lines = new ArrayList<>(box.lines());
        if (!box.size().isEmpty()) {
            lines.add(box.size());
        }
        return lines;
    }

    static double height(Box box) {
        return 21 + LINE * lines(box).size();
    }

    static double width(Group group) {
        String title = group.title() + (group.times() > 1 ? "  " + times(group) : "");
        return Math.ceil(Face.BOLD.width(title, TEXT) + 2 * FRAME_SIDE + cards(group));
    }

    /** Returns the space to the right of and below a frame that stands for several. */
    static double cards(Group group) {
        return group.times() > 1 ? 2 * CARD : 0;
    }

    static String times(Group group) {
        return "\u00d7 " + group.times();
    }
}
