package io.residuum.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Merges texts that differ only in numbers, such as shapes of growing units. */
final class Ranges {
    private static final Pattern NUMBER = Pattern.compile("\\d+(,\\d{3})*");

    private Ranges() {}

    /** Returns a text with a sign for each number. */
    static String pattern(String text) {
        return NUMBER.matcher(text).replaceAll("#");
    }

    /**
     * Returns a text with the smallest and the largest number at each place.
     *
     * @param texts texts of one pattern
     */
    static String merged(List<String> texts) {
        List<List<String>> numbers =
                texts.stream()
                        .map(text -> NUMBER.matcher(text).results().map(r -> r.group()).toList())
                        .toList();
        StringBuilder merged = new StringBuilder();
        Matcher matcher = NUMBER.matcher(texts.get(0));
        for (int i = 0; matcher.find(); i++) {
            List<String> here = new ArrayList<>();
            for (List<String> of : numbers) {
                here.add(of.get(i));
            }
            here.sort(Comparator.comparingLong(n -> Long.parseLong(n.replace(",", ""))));
            String least = here.get(0);
            String most = here.get(here.size() - 1);
            matcher.appendReplacement(merged, least.equals(most) ? least : least + "\u2013" + most);
        }
        return matcher.appendTail(merged).toString();
    }
}
