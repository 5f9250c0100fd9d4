package io.residuum.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files or folders of data in parts, each of one file or folder.
 *
 * @param train the part to train on, or the only one
 * @param validation the part that chooses the best epoch
 * @param test the part that measures the network
 */
public record Parts(Path train, Optional<Path> validation, Optional<Path> test) {

    /**
     * Reads {@code FILE} or {@code train=FILE,val=FILE,test=FILE}.
     *
     * @param kind the kind of data, for errors
     * @param text the paths, as in {@link Locations}
     * @return the parts, all of which exist
     * @throws DataException if a path does not exist, or a part has several
     */
    public static Parts parse(String kind, String text) {
        Locations where = Locations.parse(text);
        List<Path> train = where.plain().isEmpty() ? where.train() : where.plain();
        boolean mixed = !where.plain().isEmpty() && where.all().size() > where.plain().size();
        if (train.size() != 1
                || mixed
                || where.validation().size() > 1
                || where.test().size() > 1) {
            throw new DataException(
                    "%s must have one path (%s:PATH), or one for each part (%s:train=PATH,val=PATH,test=PATH), got '%s'"
                            .formatted(kind, kind, kind, text));
        }
        return new Parts(
                train.get(0),
                where.validation().stream().findFirst(),
                where.test().stream().findFirst());
    }

    /** {@return the part to test on, or else the one to validate on, or else the only one} */
    public Path evaluation() {
        return Stream.of(test, validation).flatMap(Optional::stream).findFirst().orElse(train);
    }

    /** {@return all paths} */
    public List<Path> all() {
        return Stream.of(Optional.of(train), validation, test).flatMap(Optional::stream).toList();
    }
}
