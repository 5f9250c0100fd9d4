package io.residuum.data;

import com.google.common.base.Splitter;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sizes of generated data, and its seed.
 *
 * @param train the number of samples to train on, at least 1
 * @param test the number of samples to test on, at least 1
 * @param seed the seed of the samples
 */
public record GeneratedSizes(int train, int test, long seed) {
    private static final Pattern SETTING = Pattern.compile("(train|test|seed)=(\\d{1,9})");

    public GeneratedSizes {
        if (train < 1 || test < 1) {
            throw new DataException(
                    "generated data must have at least 1 sample to train on and 1 to test on, got train=%d,test=%d"
                            .formatted(train, test));
        }
    }

    /**
     * {@return these sizes, changed by {@code train=N,test=N,seed=N}, all optional}
     *
     * @param kind the kind of data, which is the text before the settings, for errors
     * @param settings the settings, separated by commas
     * @throws DataException if a setting has another form or is given twice
     */
    public GeneratedSizes with(String kind, String settings) {
        GeneratedSizes sizes = this;
        Set<String> seen = new HashSet<>();
        for (String setting : Splitter.on(',').split(settings)) {
            Matcher matcher = SETTING.matcher(setting);
            if (!matcher.matches() || !seen.add(matcher.group(1))) {
                throw new DataException(
                        "settings must be as in %strain=%d,test=%d,seed=%d, each at most once, got '%s'"
                                .formatted(kind, train, test, seed, setting));
            }
            int value = Integer.parseInt(matcher.group(2));
            sizes =
                    switch (matcher.group(1)) {
                        case "train" -> new GeneratedSizes(value, sizes.test, sizes.seed);
                        case "test" -> new GeneratedSizes(sizes.train, value, sizes.seed);
                        default -> new GeneratedSizes(sizes.train, sizes.test, value);
                    };
        }
        return sizes;
    }

    /**
     * {@return the number of samples to validate on} More samples can be generated, so that all
     * training samples are trained on.
     *
     * @param share the number as a share of the training samples, rounded to at least 1; 0 for none
     */
    public int validation(double share) {
        return share == 0 ? 0 : (int) Math.max(1, Math.round(share * train));
    }
}
