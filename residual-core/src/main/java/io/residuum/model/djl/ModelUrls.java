package io.residuum.model.djl;

import ai.djl.repository.Repository;
import ai.djl.repository.RepositoryFactory;
import io.residuum.spec.Check;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Opens URLs such as {@code residuum:runs/first} and {@code residuum:runs/first?backend=pytorch} as
 * repositories of DJL with one model. Found by {@link java.util.ServiceLoader}.
 *
 * <p>The path is a saved model, the folder of a run, or a folder with the {@code config.json}, the
 * weights and the tokenizer of another library.
 */
public final class ModelUrls implements RepositoryFactory {

    /** The scheme of the URLs. */
    public static final String SCHEME = "residuum";

    @Override
    public Repository newInstance(String name, URI uri) {
        // A relative path makes the URI opaque, without a query.
        String[] parts = uri.getSchemeSpecificPart().split("\\?", 2);
        String path = parts[0].startsWith("//") ? parts[0].substring(2) : parts[0];
        String key = NetworkModel.BACKEND + "=";
        Check.that(
                parts.length == 1 || parts[1].startsWith(key) && !parts[1].contains("&"),
                "a URL of a model may have the parameter %sENGINE, found %s",
                key,
                uri);
        String backend = parts.length == 1 ? "auto" : parts[1].substring(key.length());
        return new ModelRepository(name, uri, Path.of(path), Map.of(NetworkModel.BACKEND, backend));
    }

    @Override
    public Set<String> getSupportedScheme() {
        return Set.of(SCHEME);
    }
}
