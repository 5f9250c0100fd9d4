package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Classes of data get the labels of a network with the same names. */
class ClassNamesTest {
    @Test
    void classesAreFoundByName() {
        List<String> names = List.of("dog", "bird", "cat");
        assertArrayEquals(new int[] {2, 0}, ClassNames.labels(List.of("cat", "dog"), names));
        DataException e =
                assertThrows(
                        DataException.class, () -> ClassNames.labels(List.of("cat", "cow"), names));
        assertEquals(
                "the classes of the data must be among [dog, bird, cat], got \"cow\"",
                e.getMessage());
    }

    @Test
    void oneClassIsNothingToLearn() {
        ClassNames.requireSeveral(List.of("cat", "dog"));
        DataException e =
                assertThrows(DataException.class, () -> ClassNames.requireSeveral(List.of("cat")));
        assertEquals(
                "training a classifier needs two classes or more, found [cat]; give data of all"
                        + " classes (of folders, the one that holds the folders of the classes)",
                e.getMessage());
    }
}
