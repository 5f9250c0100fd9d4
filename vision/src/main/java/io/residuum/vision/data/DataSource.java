package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.vision.image.ImageShape;
import java.util.Locale;

/**
 * A source of images, in the syntax of {@code --data}:
 *
 * <pre>
 * digits                                 generated: {@link Digits}
 * digits:train=20000,test=2000,seed=1    generated, with the default numbers
 * mnist:DIR  fashion-mnist:DIR           IDX files, plain or .gz
 * cifar10:DIR  cifar100:DIR              the standard binary files
 * cifar10:A.bin,B.bin                    for training (a tenth is held out) or evaluation
 * cifar10:train=A.bin,B.bin,test=C.bin   for both; a prefix applies up to the next one
 * folder:DIR                             DIR/train and DIR/test (or val), or class folders
 * folder:train=DIR,test=DIR              two folders of class folders
 * mnist  fashion-mnist  cifar10          downloaded through DJL's basicdataset
 * </pre>
 */
public sealed interface DataSource
        permits DigitsSource, IdxSource, CifarSource, FolderSource, DownloadSource {
    /**
     * Opens the images for training.
     *
     * @param shape the input shape of the network; see {@link ImageSet#adaptedTo} for the
     *     conversion
     * @return the sets
     * @throws DataException if there is nothing to train on or a file is invalid
     */
    DataSplits forTraining(ImageShape shape);

    /**
     * Opens the images for evaluation: the test set, or all images if plain files or one folder of
     * class folders are given.
     *
     * @param shape the input shape of the network
     * @return the set
     * @throws DataException if there is nothing to evaluate on or a file is invalid
     */
    ImageSet forEvaluation(ImageShape shape);

    /**
     * Parses the value of {@code --data}.
     *
     * @param text a value as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if the text names no source, or a path in it does not exist
     */
    static DataSource parse(String text) {
        int colon = text.indexOf(':');
        String kind = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (colon < 0) {
            return switch (kind) {
                case "digits" -> DigitsSource.DEFAULT;
                case "mnist" -> DownloadSource.MNIST;
                case "fashion-mnist" -> DownloadSource.FASHION_MNIST;
                case "cifar10" -> DownloadSource.CIFAR10;
                default -> throw unknown(text);
            };
        }
        String rest = text.substring(colon + 1);
        return switch (kind) {
            case "digits" -> DigitsSource.parse(rest);
            case "mnist" -> IdxSource.mnist(rest);
            case "fashion-mnist" -> IdxSource.fashionMnist(rest);
            case "cifar10" -> new CifarSource(CifarFiles.CIFAR10, Locations.parse(rest));
            case "cifar100" -> new CifarSource(CifarFiles.CIFAR100, Locations.parse(rest));
            case "folder" -> new FolderSource(Locations.parse(rest));
            default -> throw unknown(text);
        };
    }

    private static DataException unknown(String text) {
        return new DataException(
                "data must be one of digits, digits:train=N,test=N,seed=N, mnist:DIR,"
                        + " fashion-mnist:DIR, cifar10:DIR-or-FILES, cifar100:DIR-or-FILES,"
                        + " folder:DIR, or to download mnist, fashion-mnist, cifar10; got '"
                        + text
                        + "'");
    }
}
