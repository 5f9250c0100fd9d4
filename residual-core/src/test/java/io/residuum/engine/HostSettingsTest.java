package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLibrary;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A library leaves its host process as it was. */
@EnabledOnOs(OS.LINUX)
class HostSettingsTest {

    @Test
    void theEnvironmentIsRestoredAfterAnEngineHasLoaded() {
        Engines.all();
        assertEquals(System.getenv("GOMP_SPINCOUNT"), environment("GOMP_SPINCOUNT"));
    }

    /** Prints the threads of an engine that loads after the program has chosen one. */
    static final class OneThread {
        private OneThread() {}

        public static void main(String[] args) {
            HostSettings.useThreads(1);
            try (Backend backend = Backend.open(EngineChoice.valueOf(args[0]), DeviceChoice.CPU)) {
                System.out.println("threads: " + backend.ops().threads());
            }
        }
    }

    @EachEngine
    void anEngineThatLoadsTakesTheThreadsOfTheProgram(EngineChoice engine) throws IOException {
        ProcessBuilder program =
                Programs.of(OneThread.class, engine.name())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        program.environment().remove("OMP_NUM_THREADS");
        String printed =
                new String(program.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(printed.contains("threads: 1"), printed);
    }

    private static @Nullable String environment(String variable) {
        return NativeLibrary.getInstance("c")
                .getFunction("getenv")
                .invokeString(new Object[] {variable}, false);
    }

    @EachEngine
    void theDefaultEngineIsRestoredWhenABackendCloses(EngineChoice engine) {
        @Nullable String before = System.getProperty("ai.djl.default_engine");
        try (Backend backend = Backend.open(engine, DeviceChoice.CPU)) {
            assertEquals(
                    backend.engine().getEngineName(), System.getProperty("ai.djl.default_engine"));
            backend.close(); // twice counts once
            String closed =
                    assertThrows(IllegalStateException.class, backend::newManager).getMessage();
            assertEquals("the backend is closed: open it again", closed);
        }
        assertEquals(before, System.getProperty("ai.djl.default_engine"));
    }
}
