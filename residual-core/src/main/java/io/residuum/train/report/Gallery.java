package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Section;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Writes the section of misclassified images and texts, the most confident mistakes first. */
final class Gallery {
    private static final int MOST = 40;

    /** The largest number of characters of a text that the page shows. */
    private static final int LONGEST_TEXT = 400;

    private Gallery() {}

    static Optional<Section> section(ReportData data) {
        List<Mistake> mistakes = data.predictions().mistakes();
        if (mistakes.isEmpty()) {
            return Optional.empty();
        }
        List<Mistake> shown =
                mistakes.stream()
                        .sorted(Comparator.comparingDouble(Mistake::probability).reversed())
                        .limit(MOST)
                        .toList();
        Markup body = new Markup();
        body.open("p", "class", "lead")
                .text("The most confident mistakes: the input, the correct class, and the ")
                .text("predicted class with its probability.")
                .close();
        boolean texts = shown.get(0) instanceof Mistake.Text;
        body.open("div", "class", texts ? "gallery texts" : "gallery");
        for (Mistake mistake : shown) {
            body.open("figure");
            if (mistake instanceof Mistake.Image image) {
                PictureTag.add(
                        body, image.picture(), image.truth() + " taken for " + image.predicted());
            } else if (mistake instanceof Mistake.Text text) {
                body.leaf("blockquote", shortened(text.text()));
            }
            body.open("figcaption").leaf("span", mistake.truth(), "class", "truth");
            body.leaf("span", mistake.predicted(), "class", "wrong");
            body.leaf("span", Numbers.coarsePercent(mistake.probability()), "class", "sure");
            body.close().close();
        }
        return Optional.of(new Section("mistakes", "Mistakes", body.close()));
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_TEXT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT)) + " ...";
    }
}
