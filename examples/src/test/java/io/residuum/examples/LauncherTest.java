package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs a copy of the launcher, beside a Maven wrapper that does something else. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir Path folder;

    @Test
    void aSignalDuringTheBuildEndsMavenToo() throws Exception {
        Process launcher = start("sleep 60 & echo $! $$ >building.part\nmv building.part building");
        try {
            String[] processes = await(folder.resolve("building")).strip().split(" ");
            launcher.destroy();
            assertTrue(launcher.waitFor(20, TimeUnit.SECONDS));
            assertEquals(143, launcher.exitValue());
            for (String pid : processes) {
                awaitEnd(Long.parseLong(pid));
            }
        } finally {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
    }

    @Test
    void aFailedBuildIsShown() throws Exception {
        Process launcher = start("echo the reason\nexit 3");
        String shown = new String(launcher.getErrorStream().readAllBytes());
        assertEquals(1, launcher.waitFor());
        assertTrue(shown.contains("\nthe reason\n"), shown);
        assertTrue(shown.contains("residuum: the build failed"), shown);
    }

    private Process start(String build) throws IOException {
        Path script = folder.resolve("residuum");
        Files.copy(Path.of("..", "residuum"), script);
        Files.createDirectories(folder.resolve("a/b/src/main"));
        Files.createDirectories(folder.resolve("a/src/main"));
        for (String pom : new String[] {"pom.xml", "a/pom.xml", "a/b/pom.xml"}) {
            Files.createFile(folder.resolve(pom));
        }
        Path wrapper = folder.resolve("mvnw");
        // It waits for its child, as Maven's script does for Java.
        Files.writeString(wrapper, "#!/bin/sh\n" + build + "\nwait\n");
        assertTrue(wrapper.toFile().setExecutable(true));
        return new ProcessBuilder("bash", script.toString(), "models").start();
    }

    private static String await(Path file) throws Exception {
        for (int i = 0; i < 200 && !Files.exists(file); i++) {
            Thread.sleep(100);
        }
        return Files.readString(file);
    }

    private static void awaitEnd(long pid) throws Exception {
        for (int i = 0; i < 100 && ProcessHandle.of(pid).isPresent(); i++) {
            Thread.sleep(100);
        }
        assertTrue(ProcessHandle.of(pid).isEmpty(), () -> pid + " still runs");
    }
}
