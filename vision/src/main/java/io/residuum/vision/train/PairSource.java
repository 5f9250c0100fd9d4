package io.residuum.vision.train;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.vision.data.ImagePairFiles;
import io.residuum.vision.image.PictureReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Folders of pairs of pictures, as named by {@code --data}:
 *
 * <pre>
 * pairs:DIR                          images/ and masks/ (classes) or targets/ (pictures), or folders
 *                                    train, val and test that hold them
 * pairs:train=DIR,val=DIR,test=DIR   one for each part
 * </pre>
 *
 * @param parts the folders
 */
public record PairSource(Parts parts) {

    /**
     * Parses the text after {@code pairs:}.
     *
     * @param text as in the table above
     * @return the source; no picture is read yet
     * @throws DataException if a folder does not exist
     */
    public static PairSource parse(String text) {
        Parts parts = Parts.parse("pairs", text);
        Path folder = parts.train();
        if (parts.all().size() > 1 || ImagePairFiles.isIn(folder)) {
            return new PairSource(parts);
        }
        return new PairSource(
                new Parts(
                        part(folder, "train").orElse(folder),
                        Stream.of("val", "valid", "validation")
                                .map(name -> part(folder, name))
                                .flatMap(Optional::stream)
                                .findFirst(),
                        part(folder, "test")));
    }

    /** {@return true if a folder holds pairs, or a folder {@code train} that does} */
    public static boolean isIn(Path folder) {
        return ImagePairFiles.isIn(folder) || part(folder, "train").isPresent();
    }

    private static Optional<Path> part(Path folder, String name) {
        return Optional.of(folder.resolve(name)).filter(ImagePairFiles::isIn);
    }

    /**
     * Lists the pairs for training.
     *
     * @param spec the network
     * @param reader the decoder of pictures
     * @param share the share of the pairs to hold out if there are no validation pairs
     * @throws DataException if a folder holds no pairs, or a picture has no partner
     */
    public SampleSplits open(ModelSpec spec, PictureReader reader, double share) {
        return SampleSplits.open("pairs of", parts, share, folder -> pairs(spec, reader, folder));
    }

    /**
     * Lists the pairs for training as a task. A network that it trains stores the meaning of its
     * output.
     *
     * @param spec the network
     * @param reader the decoder of pictures
     * @param recipe the recipe, with the share to hold out and the loss
     * @throws DataException if a folder holds no pairs, or a picture has no partner
     */
    public SampleTask task(ModelSpec spec, PictureReader reader, Recipe recipe) {
        PixelOutput taught = PixelOutput.taught(ImagePairFiles.hasMasks(parts.train()), recipe);
        return new SampleTask(
                open(spec, reader, recipe.validation()),
                Map.of(),
                Map.of(),
                Map.of(),
                taught.in(ModelMetadata.EMPTY));
    }

    /**
     * Lists the pairs for evaluation: those to test on, or else to validate on, or else all.
     *
     * @param spec the network
     * @param reader the decoder of pictures
     * @throws DataException if a folder holds no pairs, or a picture has no partner
     */
    public SampleSplits forEvaluation(ModelSpec spec, PictureReader reader) {
        Path folder = parts.evaluation();
        return SampleSplits.toEvaluate("pairs of " + folder, pairs(spec, reader, folder));
    }

    private static Samples pairs(ModelSpec spec, PictureReader reader, Path folder) {
        return new ImagePairs(spec, ImagePairFiles.open(folder, reader));
    }
}
