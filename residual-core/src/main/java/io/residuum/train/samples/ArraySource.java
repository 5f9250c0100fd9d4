package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.spec.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
public record ArraySource(Parts parts) {

    /**
     * The arrays of a run. Closing releases the files.
     *
     * @param splits the samples
     * @param files the open files
     */
    public record Opened(SampleSplits splits, List<ArraySamples> files) implements AutoCloseable {
        public Opened {
            files = List.copyOf(files);
        }

        @Override
        public void close() {
            files.forEach(ArraySamples::close);
        }
    }

    /**
     * Parses what stands after {@code arrays:}.
     *
     * @param text as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if it names no file, or one that does not exist
     */
    public static ArraySource parse(String text) {
        return new ArraySource(Parts.parse("arrays", text));
    }

    /**
     * Opens the files for training.
     *
     * @param spec the network
     * @param share the share of the samples to hold out if there is no file for validation
     * @return the samples, to be closed by the caller
     * @throws DataException if a file does not fit the network
     */
    public Opened open(ModelSpec spec, double share) {
        List<ArraySamples> files = new ArrayList<>();
        try {
            SampleSplits splits =
                    SampleSplits.open("arrays of", parts, share, file -> open(spec, file, files));
            return new Opened(splits, files);
        } catch (RuntimeException e) {
            files.forEach(ArraySamples::close);
            throw e;
        }
    }

    private static ArraySamples open(ModelSpec spec, Path file, List<ArraySamples> files) {
        ArraySamples samples = ArraySamples.open(spec, file);
        files.add(samples);
        return samples;
    }

    /**
     * Opens the file for evaluation: the one to test on, or else to validate on, or else the only
     * one.
     *
     * @param spec the network
     * @return the samples, to be closed by the caller
     * @throws DataException if the file does not fit the network
     */
    public Opened forEvaluation(ModelSpec spec) {
        ArraySamples samples = ArraySamples.open(spec, parts.evaluation());
        return new Opened(
                SampleSplits.toEvaluate("arrays of " + parts.evaluation(), samples),
                List.of(samples));
    }
}
