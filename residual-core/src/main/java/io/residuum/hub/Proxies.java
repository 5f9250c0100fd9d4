package io.residuum.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses proxies: those of Java's system properties, or else {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} and {@code NO_PROXY} of the environment, in upper or lower case.
 */
final class Proxies extends ProxySelector {
    private static final int USUAL_PORT = 8080;

    private final UnaryOperator<@Nullable String> environment;

    Proxies(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI uri) {
        List<Proxy> chosen = ofJava(uri);
        if (!chosen.isEmpty()) {
            return chosen;
        }
        return proxy(uri)
                .map(
                        p ->
                                new Proxy(
                                        Proxy.Type.HTTP,
                                        new InetSocketAddress(
                                                p.getHost(),
                                                p.getPort() < 0 ? USUAL_PORT : p.getPort())))
                .map(List::of)
                .orElse(List.of(Proxy.NO_PROXY));
    }

    /** {@return the proxies of Java's system properties; empty for a direct connection} */
    private static List<Proxy> ofJava(URI uri) {
        ProxySelector java = ProxySelector.getDefault();
        List<Proxy> chosen = java == null ? List.of() : java.select(uri);
        return chosen.stream().allMatch(proxy -> proxy.type() == Proxy.Type.DIRECT)
                ? List.of()
                : chosen;
    }

    private Optional<URI> proxy(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return excluded(host)
                ? Optional.empty()
                : setting(uri.getScheme() + "_proxy").map(Proxies::address);
    }

    private static URI address(String text) {
        try {
            URI proxy = URI.create(text.contains("://") ? text : "http://" + text);
            if (proxy.getHost() != null && "http".equals(proxy.getScheme())) {
                return proxy;
            }
        } catch (IllegalArgumentException e) {
            // The same message as for another scheme. It must not show a password.
        }
        throw new HubException(
                "HTTP_PROXY and HTTPS_PROXY must be addresses such as http://proxy.example:3128,"
                        + " got another form or another scheme");
    }

    /** {@return true if NO_PROXY has the host, a domain of it, or a star} */
    private boolean excluded(String host) {
        for (String name : setting("no_proxy").orElse("").toLowerCase(Locale.ROOT).split(",")) {
            String domain = name.strip().replaceFirst("^\\*?\\.", "").replaceFirst(":[0-9]+$", "");
            if (domain.equals("*")
                    || (!domain.isEmpty()
                            && (host.equals(domain) || host.endsWith("." + domain)))) {
                return true;
            }
        }
        return false;
    }

    private Optional<String> setting(String name) {
        return Optional.ofNullable(environment.apply(name))
                .or(() -> Optional.ofNullable(environment.apply(name.toUpperCase(Locale.ROOT))))
                .filter(text -> !text.isBlank());
    }

    /**
     * {@return the header by which the proxy of an address knows the user; empty if its own address
     * has no password. An authenticator would suppress the header of the token. Java's proxy must
     * not get the password of the environment's}
     */
    Optional<String> authorization(URI uri) {
        return (ofJava(uri).isEmpty() ? proxy(uri) : Optional.<URI>empty())
                .map(URI::getUserInfo)
                .map(user -> user.getBytes(StandardCharsets.UTF_8))
                .map(user -> "Basic " + Base64.getEncoder().encodeToString(user));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The client reports it.
    }
}
