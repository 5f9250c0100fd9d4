package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.model.ModelSource;
import io.residuum.spec.LowRank;
import io.residuum.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --lora} and {@code merge}. */
class LowRankCommandTest {
    private static final String DIGITS = "digits:train=200,test=100";

    @TempDir private Path folder;

    private String[] train(String model, Path out, String... more) {
        return Stream.concat(
                        Stream.of(
                                "train",
                                model,
                                "--data",
                                DIGITS,
                                "--batch=32",
                                "--device=cpu",
                                "--out",
                                out.toString()),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @Test
    void trainsBranchesResumesAndMerges() throws IOException {
        Path base = folder.resolve("base");
        Cli.ok(train(Cli.tiny(folder).toString(), base, "--epochs=1"));
        Path run = folder.resolve("run");
        String[] lora = {
            "--epochs=1", "--lora", "*", "--lora-rank=2", "--lora-alpha=4", "--schedule=constant"
        };
        Cli trained = Cli.ok(train(base.toString(), run, lora));
        assertTrue(trained.err().contains("trained *.lora.*"), trained.err());
        assertEquals(List.of(LowRank.of(2, 4, "*")), ModelSource.of(run).spec().adapters());
        try (Safetensors before = Safetensors.open(base.resolve("model.safetensors"));
                Safetensors after = Safetensors.open(run.resolve("model.safetensors"))) {
            Set<String> added = new TreeSet<>(after.names());
            added.removeAll(before.names());
            assertTrue(added.stream().allMatch(name -> name.contains(".lora.")), added.toString());
            for (String name : before.names()) {
                assertTrue(Arrays.equals(before.floats(name), after.floats(name)), name);
            }
            String up =
                    added.stream().filter(n -> n.endsWith("B.weight")).findFirst().orElseThrow();
            assertFalse(Arrays.equals(new float[after.floats(up).length], after.floats(up)), up);
        }

        String[] more = train(run.toString(), run, "--resume", "--epochs=2");
        Cli resumed = Cli.ok(more);
        assertTrue(resumed.err().contains("epoch 2/2"), resumed.err());

        Path merged = folder.resolve("merged.safetensors");
        Cli.ok("merge", run.toString(), "-o", merged.toString());
        assertEquals(List.of(), ModelSource.of(merged).spec().adapters());
        assertEquals(loss(run), loss(merged), 1e-6);

        Path adapter = folder.resolve("adapter");
        Cli.ok("export-adapter", run.toString(), "--dialect=residuum", "-o", adapter.toString());
        Path again = folder.resolve("again.safetensors");
        Cli.ok("merge", base.toString(), "--adapter", adapter.toString(), "-o", again.toString());
        try (Safetensors one = Safetensors.open(merged);
                Safetensors other = Safetensors.open(again)) {
            for (String name : one.names()) {
                assertTrue(Arrays.equals(one.floats(name), other.floats(name)), name);
            }
        }

        Cli none = Cli.run("merge", base.toString(), "-o", merged.toString());
        assertEquals(2, none.code());
        assertTrue(none.err().contains("must have adapters to merge, found none"), none.err());
        Cli export = Cli.run("export-adapter", base.toString(), "--dialect=timm", "-o", "nowhere");
        assertEquals(2, export.code());
        assertTrue(export.err().contains("must have an adapter, found []"), export.err());
    }

    @Test
    void trainsANewHeadBesideTheBranches() throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Path base = folder.resolve("base");
        Cli.ok(train(tiny, base, "--epochs=1"));
        String four = folder.resolve("four.safetensors").toString();
        String model = base.resolve("model.safetensors").toString();
        Cli.ok("import", model, "--as", tiny, "--reset-head=4", "-o", four);
        Path run = folder.resolve("run");
        Cli trained = Cli.ok(train(four, run, "--epochs=1", "--lora=stem*", "--dora"));
        assertTrue(trained.err().contains("trained *.dora.* "), trained.err());
        assertTrue(trained.err().contains("the head: new"), trained.err());
        try (Safetensors before = Safetensors.open(Path.of(model));
                Safetensors after = Safetensors.open(run.resolve("model.safetensors"))) {
            Set<String> changed = new TreeSet<>();
            for (String name : before.names()) {
                if (!Arrays.equals(before.floats(name), after.floats(name))) {
                    changed.add(name);
                }
            }
            String head = changed.iterator().next().replaceFirst("[.][^.]*$", ".");
            assertEquals(2, changed.size(), changed.toString());
            assertTrue(changed.stream().allMatch(n -> n.startsWith(head)), changed.toString());
        }
    }

    @Test
    void refusesOptionsThatDoNotFit() throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Cli random = Cli.run(train(tiny, folder.resolve("a"), "--lora", "*"));
        assertEquals(2, random.code());
        assertTrue(random.err().contains("--lora needs a model with weights"), random.err());
        Cli alone = Cli.run(train(tiny, folder.resolve("b"), "--lora-rank=2"));
        assertEquals(2, alone.code());
        assertTrue(alone.err().contains("need --lora PATTERN"), alone.err());
    }

    @Test
    void resumesARunThatBeganWithAFileOfWeights() throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Path base = folder.resolve("base");
        Cli.ok(train(tiny, base, "--epochs=1"));
        String weights = base.resolve("model.safetensors").toString();
        Path run = folder.resolve("run");
        Cli.ok(
                train(
                        tiny,
                        run,
                        "--weights",
                        weights,
                        "--lora=*",
                        "--epochs=1",
                        "--schedule=constant"));
        Cli resumed = Cli.ok(train(tiny, run, "--lora=*", "--resume", "--epochs=2"));
        assertTrue(resumed.err().contains("epoch 2/2"), resumed.err());
    }

    private static double loss(Path model) throws IOException {
        JsonNode result = Cli.ok("evaluate", model.toString(), "--data", DIGITS, "--json").json();
        return result.get("loss").asDouble();
    }
}
