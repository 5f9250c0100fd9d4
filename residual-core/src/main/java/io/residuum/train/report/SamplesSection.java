package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Section;
import java.util.List;
import java.util.Optional;

/** Writes the section of generated texts: the last epoch open, earlier ones collapsed. */
final class SamplesSection {
    private SamplesSection() {}

    static Optional<Section> section(ReportData data) {
        List<SampleText> samples = data.samples();
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        int last = samples.get(samples.size() - 1).epoch();
        Markup body = new Markup();
        body.leaf("p", "What the network writes, epoch by epoch.", "class", "lead");
        for (int i = samples.size() - 1; i >= 0; i--) {
            SampleText sample = samples.get(i);
            if (sample.epoch() == last) {
                body.open("details", "open", "open");
            } else {
                body.open("details");
            }
            body.leaf("summary", "Epoch " + sample.epoch());
            body.leaf("pre", sample.text(), "class", "sample", "tabindex", "0").close();
        }
        return Optional.of(new Section("samples", "Samples", body));
    }
}
