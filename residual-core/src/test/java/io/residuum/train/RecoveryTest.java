package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.model.Network;
import io.residuum.optim.ScheduleSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run resumes from a damaged folder if its checkpoint allows, and says what it left out. */
class RecoveryTest {
    private static final Task TASK = new Stripes(200, 70);
    private static final Recipe TWO =
            Recipe.builder()
                    .epochs(2)
                    .batch(50)
                    .learningRate(0.05)
                    .schedule(new ScheduleSpec.Constant())
                    .build();
    private static final Recipe THREE = TWO.with().epochs(3).build();

    @TempDir private Path temp;
    private RunFolder folder;
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void trainTwoEpochs() {
        folder = new RunFolder(temp.resolve("run"));
        trainer(TWO, TASK, folder).start();
        assertEquals(List.of(), notes);
    }

    @Test
    void damagedLinesOfTheMetricsAreRemovedWithANote() throws IOException {
        byte[] whole = Files.readAllBytes(folder.metrics());
        int secondLine = new String(whole, StandardCharsets.UTF_8).indexOf('\n') + 1;
        byte[] stray = Arrays.copyOf(new byte[] {(byte) 0xff, 0, 'x', '\n'}, 4);
        Files.write(folder.metrics(), Arrays.copyOf(whole, secondLine));
        Files.write(folder.metrics(), stray, StandardOpenOption.APPEND);
        Files.write(
                folder.metrics(),
                Arrays.copyOfRange(whole, secondLine, whole.length),
                StandardOpenOption.APPEND);
        assertThrows(RuntimeException.class, folder::readMetrics);

        assertEquals(3, trainer(THREE, TASK, folder).resume().epochs());
        assertEquals(1, notes.size(), notes.toString());
        assertTrue(
                notes.get(0).contains("metrics.jsonl had 1 damaged lines")
                        && notes.get(0).contains("metrics.jsonl:2"),
                notes.toString());
        assertEquals(
                3, folder.readMetrics().stream().filter(m -> m instanceof Metrics.Epoch).count());
    }

    @Test
    void theRunKeepsTheThreadsOfItsEngine() throws IOException {
        int threads = Tiny.backend(EngineChoice.PYTORCH).ops().threads();
        assertEquals(OptionalInt.of(threads), folder.threads());
        Files.write(folder.checkpoint(), new byte[100]);
        assertEquals(OptionalInt.of(threads), folder.threads());
        Files.delete(folder.previousCheckpoint());
        assertEquals(OptionalInt.empty(), folder.threads());
    }

    @Test
    void aDamagedCheckpointGivesWayToTheOneBefore() throws IOException {
        RunFolder other = new RunFolder(temp.resolve("whole"));
        trainer(TWO, TASK, other).start();
        trainer(THREE, TASK, other).resume();
        byte[] bytes = Files.readAllBytes(folder.checkpoint());
        bytes[bytes.length - 100] ^= 1;
        Files.write(folder.checkpoint(), bytes);

        assertEquals(3, trainer(THREE, TASK, folder).resume().epochs());
        assertEquals(1, notes.size(), notes.toString());
        assertTrue(
                notes.get(0).contains("checkpoint-last.safetensors: the file is damaged")
                        && notes.get(0).contains("continues from " + folder.previousCheckpoint())
                        && notes.get(0).contains("after epoch 1"),
                notes.toString());
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(other.path().resolve(file)),
                    Files.readAllBytes(folder.path().resolve(file)),
                    file);
        }
    }

    @Test
    void aMissingOrShortCheckpointGivesWayToTheOneBefore() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.checkpoint());
        Files.write(folder.checkpoint(), Arrays.copyOf(bytes, bytes.length / 2));
        assertEquals(2, trainer(TWO, TASK, folder).resume().epochs());
        Files.delete(folder.checkpoint());
        assertTrue(folder.holdsRun());
        assertEquals(2, trainer(TWO, TASK, folder).resume().epochs());
        assertTrue(notes.get(1).contains("there is no such file"), notes.toString());
        assertArrayEquals(bytes, Files.readAllBytes(folder.checkpoint()));
    }

    @Test
    void withoutAWholeCheckpointTheErrorNamesBoth() throws IOException {
        Files.writeString(folder.checkpoint(), "x");
        Files.writeString(folder.previousCheckpoint(), "");
        assertProblem("checkpoint-last.safetensors", () -> trainer(TWO, TASK, folder).resume());
        assertProblem("checkpoint-previous.safetensors", () -> trainer(TWO, TASK, folder).resume());
    }

    @Test
    void onlyTheDataOfTheRunAreAccepted() {
        Task other = new Stripes(201, 70);
        assertProblem(
                "needs the data of the checkpoint, 200 stripes, but got 201 stripes",
                () -> trainer(THREE, other, folder).resume());
        assertEquals(3, trainer(THREE, TASK, folder).resume().epochs());
    }

    @Test
    void oneProcessTrainsInAFolder() throws IOException {
        try (FolderLock lock = FolderLock.acquire(folder.path(), notes::add)) {
            assertProblem(
                    "must have one writer at a time", () -> trainer(THREE, TASK, folder).resume());
            assertProblem(
                    "must have one writer at a time", () -> trainer(TWO, TASK, folder).start());
        }
        assertEquals(3, trainer(THREE, TASK, folder).resume().epochs());
    }

    @Test
    void whatAKilledRunWasWritingIsRemoved() throws IOException {
        List<Path> stale = new ArrayList<>();
        RunFolder killed = new RunFolder(Files.createDirectory(temp.resolve("killed")));
        for (Path file : List.of(folder.checkpoint(), folder.model(), folder.report())) {
            stale.add(temporary(file));
        }
        Path ofOthers = temporary(folder.path().resolve("mine.onnx"));
        Path users = Files.writeString(folder.path().resolve("notes.tmp"), "x");
        trainer(THREE, TASK, folder).resume();
        for (Path file : stale) {
            assertFalse(Files.exists(file), file.toString());
        }
        assertTrue(Files.exists(ofOthers) && Files.exists(users));

        Path first = temporary(killed.checkpoint());
        trainer(TWO, TASK, killed).start();
        assertFalse(Files.exists(first));
    }

    /** Leaves what a process leaves that is killed while it writes a file. */
    private Path temporary(Path file) throws IOException {
        Path scratch = Files.createDirectories(temp.resolve("scratch"));
        Path[] found = new Path[1];
        AtomicFiles.write(
                scratch.resolve(file.getFileName()),
                out -> {
                    try (var all = Files.list(scratch)) {
                        found[0] =
                                all.filter(p -> p.toString().endsWith(".tmp"))
                                        .findFirst()
                                        .orElseThrow();
                    }
                    Files.copy(
                            found[0],
                            file.resolveSibling(found[0].getFileName()),
                            StandardCopyOption.REPLACE_EXISTING);
                });
        return file.resolveSibling(found[0].getFileName());
    }

    private Trainer trainer(Recipe recipe, Task task, RunFolder run) {
        ProgressListener listener =
                new ProgressListener() {
                    @Override
                    public void note(String line) {
                        notes.add(line);
                    }
                };
        Network network =
                Network.create(
                        Tiny.network().withClasses(8), Tiny.backend(EngineChoice.PYTORCH), 7);
        return new Trainer(network, recipe, task, run.path(), listener);
    }

    private static void assertProblem(String expected, Runnable action) {
        TrainingException e = assertThrows(TrainingException.class, action::run);
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(expected), message);
    }
}
