package io.residuum.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserCacheTest {

    @ParameterizedTest
    @CsvSource({
        "Linux, '', '', '', '', /home/a/.cache/residuum",
        "Linux, '', '', /c, /local, /c/residuum",
        "Mac OS X, '', '', '', '', /home/a/Library/Caches/residuum",
        "Windows 11, '', '', /c, /local, /local/residuum",
        "Linux, '', /env, /c, '', /env",
        "Linux, /property, /env, /c, '', /property"
    })
    void isTheFirstFolderThatIsSet(
            String system, String property, String env, String xdg, String local, String expected) {
        Map<String, String> properties =
                Map.of("os.name", system, "user.home", "/home/a", "residuum.cache", property);
        Map<String, String> environment =
                Map.of("RESIDUUM_CACHE", env, "XDG_CACHE_HOME", xdg, "LOCALAPPDATA", local);
        assertEquals(Path.of(expected), UserCache.folder(properties::get, environment::get));
    }
}
