package io.residuum.train;

import io.residuum.ResiduumException;
import io.residuum.files.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The checkpoint from which a run resumes: the last one, or the one before if the last is damaged.
 *
 * @param file its file
 * @param checkpoint its metadata
 * @param replaces the reason for not taking the last one, empty if it is the last
 */
record Checkpoints(Path file, Checkpoint checkpoint, Optional<String> replaces) {

    /**
     * Finds the newest checkpoint that is whole.
     *
     * @throws TrainingException if there is none
     */
    static Checkpoints newest(RunFolder folder) {
        List<String> problems = new ArrayList<>();
        for (Path file : List.of(folder.checkpoint(), folder.previousCheckpoint())) {
            if (!Files.exists(file)) {
                problems.add(file + ": there is no such file");
                continue;
            }
            try {
                return new Checkpoints(file, Checkpoint.read(file), problems.stream().findFirst());
            } catch (ResiduumException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        throw new TrainingException(
                "resuming needs a checkpoint that is whole, but found none (%s); start a new run in another folder"
                        .formatted(String.join("; ", problems)));
    }

    Checkpoint.State state() {
        return checkpoint.state();
    }

    /** Names this checkpoint the last one, so that it is kept when the next one is written. */
    void promote(RunFolder folder) {
        if (replaces.isPresent()) {
            try {
                Files.move(file, folder.checkpoint(), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        file
                                + ": cannot be renamed to "
                                + folder.checkpoint()
                                + ": "
                                + FileErrors.reason(e),
                        e);
            }
        }
    }
}
