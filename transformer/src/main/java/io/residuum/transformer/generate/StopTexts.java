package io.residuum.transformer.generate;

import java.util.List;

/** Lets text through up to a stop text, however it is cut into pieces. */
final class StopTexts {
    private final List<String> stops;
    private String held = "";
    private boolean found;

    StopTexts(List<String> stops) {
        this.stops = stops;
    }

    /**
     * Adds text.
     *
     * @param text the next piece
     * @return what is certainly ahead of any stop text
     */
    String add(String text) {
        if (found) {
            return "";
        }
        String all = held + text;
        int end = all.length();
        for (String stop : stops) {
            int at = all.indexOf(stop);
            if (at >= 0 && at <= end) {
                end = at;
                found = true;
            }
        }
        int free = found ? end : beginningOfStop(all);
        held = found ? "" : all.substring(free);
        return all.substring(0, free);
    }

    /** Where the longest end of a text begins that may become a stop text. */
    private int beginningOfStop(String text) {
        int first = text.length();
        for (String stop : stops) {
            for (int at = Math.max(0, text.length() - stop.length() + 1); at < first; at++) {
                if (stop.startsWith(text.substring(at))) {
                    first = at;
                }
            }
        }
        return first;
    }

    /** Whether a stop text has come: no more text is let through. */
    boolean found() {
        return found;
    }

    /** What was held back, once it is certain that nothing follows. */
    String rest() {
        String rest = held;
        held = "";
        return rest;
    }
}
