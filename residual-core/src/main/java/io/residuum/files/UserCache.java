package io.residuum.files;

import com.google.common.base.Strings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The user's folder for what can be computed or downloaded again. */
public final class UserCache {
    private UserCache() {}

    /**
     * {@return the folder, which may not exist} It is the system property {@code residuum.cache},
     * the environment variable {@code RESIDUUM_CACHE}, or {@code residuum} in the user's folder for
     * caches: {@code XDG_CACHE_HOME} or {@code ~/.cache}, on macOS {@code ~/Library/Caches}, on
     * Windows {@code LOCALAPPDATA}.
     */
    public static Path folder() {
        return folder(System::getProperty, System::getenv);
    }

    static Path folder(UnaryOperator<String> properties, UnaryOperator<String> environment) {
        for (String chosen :
                new String[] {
                    properties.apply("residuum.cache"), environment.apply("RESIDUUM_CACHE")
                }) {
            if (chosen != null && !chosen.isBlank()) {
                return Path.of(chosen.strip());
            }
        }
        return userCaches(properties, environment).resolve("residuum");
    }

    private static Path userCaches(
            UnaryOperator<String> properties, UnaryOperator<String> environment) {
        String system = Strings.nullToEmpty(properties.apply("os.name")).toLowerCase(Locale.ROOT);
        Path home = Path.of(Strings.nullToEmpty(properties.apply("user.home")));
        String named =
                environment.apply(system.startsWith("windows") ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
        if (!Strings.isNullOrEmpty(named)) {
            return Path.of(named);
        }
        return home.resolve(system.startsWith("mac") ? "Library/Caches" : ".cache");
    }
}
