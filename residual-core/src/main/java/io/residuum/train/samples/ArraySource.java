package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.spec.ModelSpec;

/**
 * Files of named arrays, as named by {@code --data}:
 *
 * <pre>
 * arrays:FILE.safetensors               inputs and targets by name, samples along the first axis
 * arrays:train=FILE,val=FILE,test=FILE  one for each part
 * </pre>
 *
 * @param parts the files
 */
public record ArraySource(Parts parts) implements SampleSource {

    /**
     * Parses the text after {@code arrays:}.
     *
     * @param text as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if it names no file, or one that does not exist
     */
    public static ArraySource parse(String text) {
        return new ArraySource(Parts.parse("arrays", text));
    }

    @Override
    public SampleSplits open(ModelSpec spec, double share) {
        return SampleSplits.open("arrays of", parts, share, file -> ArraySamples.open(spec, file));
    }

    /** Opens one file only: the one to test on, or else to validate on, or else the only one. */
    @Override
    public SampleSplits forEvaluation(ModelSpec spec) {
        return SampleSplits.toEvaluate(
                "arrays of " + parts.evaluation(), ArraySamples.open(spec, parts.evaluation()));
    }
}
