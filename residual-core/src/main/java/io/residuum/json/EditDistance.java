package io.residuum.json;

/** How far one word is from another. */
public final class EditDistance {
    private EditDistance() {}

    /**
     * Counts the characters that must be added, removed or replaced (Levenshtein 1966).
     *
     * @param a a word
     * @param b another
     * @return 0 for equal words
     */
    public static int between(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
