package io.residuum.data;

import com.google.common.base.Splitter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A place that images come from, as named by {@code --data}:
 *
 * <table>
 * <caption>Sources</caption>
 * <tr><td>{@code digits}, {@code digits:train=20000,test=2000,seed=1}</td><td>written by the program: {@link Digits}</td></tr>
 * <tr><td>{@code mnist:DIR}, {@code fashion-mnist:DIR}</td><td>IDX files, plain or .gz</td></tr>
 * <tr><td>{@code cifar10:DIR}, {@code cifar100:DIR}</td><td>the standard binary files</td></tr>
 * <tr><td>{@code cifar10:A.bin,B.bin}</td><td>files to train on (a tenth is held out) or to evaluate on</td></tr>
 * <tr><td>{@code cifar10:train=A.bin,B.bin,test=C.bin}</td><td>both; a prefix holds up to the next</td></tr>
 * <tr><td>{@code folder:DIR}</td><td>DIR/train and DIR/test (or val), or one folder of class folders</td></tr>
 * <tr><td>{@code folder:train=DIR,test=DIR}</td><td>two folders of class folders</td></tr>
 * <tr><td>{@code mnist}, {@code fashion-mnist}, {@code cifar10}</td><td>downloaded through DJL's basicdataset</td></tr>
 * </table>
 */
public sealed interface DataSource
        permits DigitsSource, IdxSource, CifarSource, FolderSource, DownloadSource {
    /**
     * Opens the images for a training run.
     *
     * @param shape the network's input; images are adapted to it as {@link ImageSet#adaptedTo} says
     * @return the sets
     * @throws DataException if there is nothing to train on, or a file is not what it should be
     */
    DataSplits forTraining(ImageShape shape);

    /**
     * Opens the images for an evaluation: the test set, or everything where plain files or one folder of class folders
     * are given.
     *
     * @param shape the network's input
     * @return the set
     * @throws DataException if there is nothing to evaluate on, or a file is not what it should be
     */
    ImageSet forEvaluation(ImageShape shape);

    /**
     * Reads the value of {@code --data}.
     *
     * @param text as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if the text names no source, or a path in it does not exist
     */
    static DataSource parse(String text) {
        int colon = text.indexOf(':');
        String kind = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (colon < 0) {
            return switch (kind) {
                case "digits" -> new DigitsSource(20_000, 2_000, 1);
                case "mnist" -> DownloadSource.MNIST;
                case "fashion-mnist" -> DownloadSource.FASHION_MNIST;
                case "cifar10" -> DownloadSource.CIFAR10;
                default -> throw unknown(text);
            };
        }
        String rest = text.substring(colon + 1);
        return switch (kind) {
            case "digits" -> digits(rest);
            case "mnist" -> IdxSource.mnist(rest);
            case "fashion-mnist" -> IdxSource.fashionMnist(rest);
            case "cifar10" -> new CifarSource(CifarFiles.CIFAR10, Locations.parse(rest));
            case "cifar100" -> new CifarSource(CifarFiles.CIFAR100, Locations.parse(rest));
            case "folder" -> new FolderSource(Locations.parse(rest));
            default -> throw unknown(text);
        };
    }

    private static DataSource digits(String settings) {
        Map<String, Long> values =
                new HashMap<>(Map.of("train", 20_000L, "test", 2_000L, "seed", 1L));
        for (String setting : Splitter.on(',').split(settings)) {
            List<String> pair = Splitter.on('=').splitToList(setting);
            if (pair.size() != 2
                    || !values.containsKey(pair.get(0))
                    || !pair.get(1).matches("\\d{1,9}")) {
                throw new DataException(
                        "digits takes settings such as digits:train=20000,test=2000,seed=1, got '"
                                + setting
                                + "'");
            }
            values.put(pair.get(0), Long.parseLong(pair.get(1)));
        }
        return new DigitsSource(
                values.get("train").intValue(), values.get("test").intValue(), values.get("seed"));
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
