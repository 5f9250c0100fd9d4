package io.residuum.transformer.generate;

import java.util.List;

/** Passes text on up to the first stop string, even if a stop string spans several pieces. */
final class StopStrings {
    private final List<String> stops;
    private String held = "";
    private boolean found;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /**
     * Adds text.
     *
     * @param text the next piece
     * @return the text that cannot belong to a stop string
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

    /** Returns the index of the longest suffix that may be the beginning of a stop string. */
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

    /** Returns true if a stop string was found. No more text is passed on then. */
    boolean found() {
        return found;
    }

    /** Returns the text held back, once there is no more input. */
    String rest() {
        String rest = held;
        held = "";
        return rest;
    }
}
