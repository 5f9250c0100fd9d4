package io.residuum.hub;

import io.residuum.files.UserCache;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Settings of downloads.
 *
 * @param endpoint the address of the hub. Default: {@code https://huggingface.co}
 * @param cache the folder of downloaded files
 * @param token sent to the host of the endpoint, and to no other; null for none
 * @param offline true to use only what is in the cache. Default: false
 * @param timeout the longest time to connect, to wait for an answer, and without data. Default: 30
 *     seconds
 * @param pause the time before the second attempt, which doubles after each. Default: 1 second
 */
public record HubSettings(
        URI endpoint,
        Path cache,
        @Nullable String token,
        boolean offline,
        Duration timeout,
        Duration pause) {
    private static final String ENDPOINT = "https://huggingface.co";
    private static final Set<String> ON = Set.of("1", "true", "yes", "on");
    private static final Set<String> OFF = Set.of("0", "false", "no", "off");

    /** Checks the endpoint and the token. */
    public HubSettings {
        String scheme = String.valueOf(endpoint.getScheme());
        require(
                endpoint.getHost() != null && scheme.matches("https?"),
                "HF_ENDPOINT must be an address such as " + ENDPOINT + ", got " + endpoint);
        if (token != null) {
            require(
                    token.matches("[\\x21-\\x7e]+"),
                    "HF_TOKEN must be printable ASCII without spaces; copy it again");
            require(
                    RemoteFiles.isProtected(endpoint),
                    "HF_ENDPOINT must begin with https:// so that nobody can read HF_TOKEN, got "
                            + endpoint
                            + ": change it, or unset HF_TOKEN");
        }
    }

    private static void require(boolean ok, String message) {
        if (!ok) {
            throw new HubException(message);
        }
    }

    /**
     * Reads the settings from system properties and the environment:
     *
     * <ul>
     *   <li>{@code residuum.hub.endpoint}, {@code HF_ENDPOINT};
     *   <li>the cache as {@link UserCache#folder()};
     *   <li>{@code residuum.offline}, {@code RESIDUUM_OFFLINE}, {@code HF_HUB_OFFLINE};
     *   <li>{@code HF_TOKEN}.
     * </ul>
     *
     * @throws HubException if one of them is invalid
     */
    public static HubSettings standard() {
        return of(UserCache.folder(), System::getProperty, System::getenv);
    }

    static HubSettings of(
            Path cache,
            UnaryOperator<@Nullable String> properties,
            UnaryOperator<@Nullable String> environment) {
        String endpoint =
                first(properties.apply("residuum.hub.endpoint"), environment.apply("HF_ENDPOINT"))
                        .orElse(ENDPOINT);
        boolean offline =
                first(
                                properties.apply("residuum.offline"),
                                environment.apply("RESIDUUM_OFFLINE"),
                                environment.apply("HF_HUB_OFFLINE"))
                        .map(HubSettings::isOn)
                        .orElse(false);
        return new HubSettings(
                address(endpoint),
                cache,
                first(environment.apply("HF_TOKEN")).orElse(null),
                offline,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1));
    }

    private static boolean isOn(String text) {
        String value = text.toLowerCase(Locale.ROOT);
        require(
                ON.contains(value) || OFF.contains(value),
                "residuum.offline, RESIDUUM_OFFLINE and HF_HUB_OFFLINE must be 1, true, yes, on, 0,"
                        + " false, no or off, got "
                        + text);
        return ON.contains(value);
    }

    private static URI address(String text) {
        try {
            return URI.create(text.replaceAll("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new HubException("HF_ENDPOINT must be a valid address, got " + text, e);
        }
    }

    private static Optional<String> first(@Nullable String... texts) {
        for (String text : texts) {
            if (text != null && !text.isBlank()) {
                return Optional.of(text.strip());
            }
        }
        return Optional.empty();
    }

    /**
     * {@return a copy with another endpoint}
     *
     * @param changed the address of the hub
     */
    public HubSettings withEndpoint(URI changed) {
        return new HubSettings(changed, cache, token, offline, timeout, pause);
    }

    /**
     * {@return a copy with another cache}
     *
     * @param changed the folder of downloaded files
     */
    public HubSettings withCache(Path changed) {
        return new HubSettings(endpoint, changed, token, offline, timeout, pause);
    }

    /**
     * {@return a copy with another token}
     *
     * @param changed the token; null for none
     */
    public HubSettings withToken(@Nullable String changed) {
        return new HubSettings(endpoint, cache, changed, offline, timeout, pause);
    }

    /**
     * {@return a copy with another choice between cache and servers}
     *
     * @param changed true to use only what is in the cache
     */
    public HubSettings withOffline(boolean changed) {
        return new HubSettings(endpoint, cache, token, changed, timeout, pause);
    }

    /**
     * {@return a copy with another timeout}
     *
     * @param changed the longest time to wait for a server
     */
    public HubSettings withTimeout(Duration changed) {
        return new HubSettings(endpoint, cache, token, offline, changed, pause);
    }

    /** {@return the settings without the token} */
    @Override
    public String toString() {
        return "HubSettings[endpoint=%s, cache=%s, token=%s, offline=%s]"
                .formatted(endpoint, cache, token == null ? "none" : "set", offline);
    }
}
