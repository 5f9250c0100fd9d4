package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;

/**
 * A frame that shows a layer around consecutive boxes.
 *
 * @param path the path of the layer
 * @param first the first box inside
 * @param last the last box inside
 */
record Frame(String path, Box first, Box last) {

    private Frame to(Box box) {
        return new Frame(path, first, box);
    }

    /** Returns the frames around boxes, inner frames before outer ones. */
    static List<Frame> around(List<Box> boxes) {
        List<Frame> done = new ArrayList<>();
        List<Frame> open = new ArrayList<>();
        for (Box box : boxes) {
            int shared = 0;
            while (shared < open.size()
                    && shared < box.frames().size()
                    && open.get(shared).path().equals(box.frames().get(shared))) {
                shared++;
            }
            while (open.size() > shared) {
                done.add(open.remove(open.size() - 1));
            }
            open.replaceAll(frame -> frame.to(box));
            for (String path : box.frames().subList(shared, box.frames().size())) {
                open.add(new Frame(path, box, box));
            }
        }
        while (!open.isEmpty()) {
            done.add(open.remove(open.size() - 1));
        }
        return done;
    }
}
