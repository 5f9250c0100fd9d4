package io.residuum.draw;

import java.util.List;
import java.util.stream.Stream;

/**
 * A frame around the parts of a layer.
 *
 * @param path the path of the layer, the first one of a sequence of equal layers
 * @param title the name on the frame
 * @param times the number of equal layers that it stands for, one after another; 1 for a single one
 * @param elements the boxes and groups inside, in drawing order
 */
public record Group(String path, String title, int times, List<Element> elements)
        implements Element {
    public Group {
        elements = List.copyOf(elements);
    }

    /** Returns the boxes inside, at any depth. */
    Stream<Box> boxes() {
        return boxes(elements);
    }

    static Stream<Box> boxes(List<Element> elements) {
        return elements.stream()
                .flatMap(e -> e instanceof Group group ? group.boxes() : Stream.of((Box) e));
    }
}
