package io.residuum.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Checks names and addresses that servers and users give. */
final class RemoteFiles {
    /** Names that no file system reads as a folder, a drive or a stream. */
    private static final Pattern NAME = Pattern.compile("[^/\\\\:*?\"<>|\\p{Cntrl}]{1,255}");

    private static final Pattern DEVICE =
            Pattern.compile("(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?");

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

    private RemoteFiles() {}

    /** {@return true if a path stays in its folder on every file system} */
    static boolean isPath(String path) {
        for (String name : path.split("/", -1)) {
            // Windows drops dots and spaces at the end. Names that begin with a dot are ours.
            if (!NAME.matcher(name).matches()
                    || name.startsWith(".")
                    || name.endsWith(".")
                    || name.endsWith(" ")
                    || DEVICE.matcher(name).matches()) {
                return false;
            }
        }
        return true;
    }

    static void requirePath(String path) {
        if (!isPath(path)) {
            throw new IllegalArgumentException(
                    "a remote file must have a name that stays in its folder, got " + path);
        }
    }

    static String lastName(URI uri) {
        return uri.getPath().substring(uri.getPath().lastIndexOf('/') + 1);
    }

    /** {@return true if no other user can read or change the transferred bytes} */
    static boolean isProtected(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        return "https".equalsIgnoreCase(uri.getScheme())
                || ("http".equalsIgnoreCase(uri.getScheme()) && LOOPBACK.matcher(host).matches());
    }

    /** {@return true if two addresses have scheme, host and port in common} */
    static boolean sameOrigin(URI a, URI b) {
        return origin(a).equals(origin(b));
    }

    private static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        return scheme
                + "://"
                + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT)
                + ":"
                + (uri.getPort() < 0 ? usual : uri.getPort());
    }

    /** {@return an address for messages: queries hold signatures} */
    static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }

    static URI withoutFragment(URI uri) {
        String text = uri.toString();
        int fragment = text.indexOf('#');
        return fragment < 0 ? uri : URI.create(text.substring(0, fragment));
    }

    /** {@return a path as part of an address} */
    static String encoded(String path) {
        try {
            // The single-argument constructor would take a colon for the end of a scheme.
            return new URI(null, null, "/" + path, null).toASCIIString().substring(1);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
