package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** However a text is cut, what is let through is all that is ahead of the first stop. */
class StopStringsTest {
    private static final List<String> STOPS = List.of("aba", "bb", "cab");

    @Test
    void anyCutOfATextGivesTheSame() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            String text = text(random);
            int first =
                    STOPS.stream()
                            .mapToInt(text::indexOf)
                            .filter(at -> at >= 0)
                            .min()
                            .orElse(text.length());
            StopStrings stops = new StopStrings(STOPS);
            StringBuilder shown = new StringBuilder();
            for (int at = 0; at < text.length(); ) {
                int end = Math.min(text.length(), at + 1 + random.nextInt(3));
                shown.append(stops.add(text.substring(at, end)));
                at = end;
            }
            shown.append(stops.rest());
            assertEquals(text.substring(0, first), shown.toString(), text);
            assertEquals(first < text.length(), stops.found(), text);
        }
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(4)));
        }
        return text.toString();
    }
}
