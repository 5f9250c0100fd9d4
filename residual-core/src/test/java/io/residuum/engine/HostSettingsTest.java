package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A library leaves its host process as it was. */
class HostSettingsTest {

    @ParameterizedTest
    @ValueSource(strings = {"OMP_NUM_THREADS", "GOMP_SPINCOUNT"})
    void theEnvironmentIsRestoredAfterAnEngineHasLoaded(String variable) {
        Assumptions.assumeTrue(Platform.isLinux());
        Engines.all();
        assertEquals(System.getenv(variable), environment(variable));
    }

    @Test
    void propertiesAreClearedWithTheirScope() {
        System.setProperty("residuum.test.own", "1");
        Map<String, String> values = Map.of("residuum.test.own", "2", "residuum.test.none", "3");
        try (HostSettings.Scope scope = HostSettings.properties(values)) {
            assertEquals("1", System.getProperty("residuum.test.own"));
            assertEquals("3", System.getProperty("residuum.test.none"));
        }
        assertEquals("1", System.getProperty("residuum.test.own"));
        assertNull(System.getProperty("residuum.test.none"));
        System.clearProperty("residuum.test.own");
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
        }
        assertEquals(before, System.getProperty("ai.djl.default_engine"));
    }
}
