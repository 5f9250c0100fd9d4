package io.residuum.model;

import io.residuum.hub.Hub;
import io.residuum.hub.HubSnapshot;
import io.residuum.hub.RemoteName;
import io.residuum.spec.SpecException;
import io.residuum.weights.StateDict;
import io.residuum.weights.peft.PeftFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model or its weights on a server.
 *
 * @param path where it is after its download
 * @param label a short name
 * @param files its files without the weights are here already, by path
 * @param download downloads the weights; it does nothing if they are here
 */
record RemoteModel(Path path, String label, List<String> files, Runnable download) {
    /** Longer files are no settings of a model, nor a tokenizer. */
    private static final long LONGEST_TEXT = 64 << 20;

    private static final String INDEX = ".index.json";

    /**
     * Finds a model on a server and gets its settings and its tokenizer.
     *
     * @param text what the user wrote
     * @return the model; empty if the text is no remote name
     * @throws SpecException if it is an invalid one
     * @throws io.residuum.hub.HubException if the server does not have it, or a file cannot be
     *     downloaded
     */
    static Optional<RemoteModel> find(String text, Hub hub) {
        return parse(text)
                .map(
                        name ->
                                name instanceof RemoteName.Repository repository
                                        ? repository(repository, hub)
                                        : web((RemoteName.Web) name, hub));
    }

    private static Optional<RemoteName> parse(String text) {
        try {
            return RemoteName.parse(text);
        } catch (IllegalArgumentException e) {
            throw new SpecException(String.valueOf(e.getMessage()));
        }
    }

    private static RemoteModel web(RemoteName.Web name, Hub hub) {
        return new RemoteModel(hub.fetch(name), name.fileName(), List.of(), () -> {});
    }

    private static RemoteModel repository(RemoteName.Repository name, Hub hub) {
        HubSnapshot snapshot = hub.open(name);
        if (name.file().isPresent()) {
            String file = name.file().get();
            return new RemoteModel(
                    snapshot.folder().resolve(file),
                    file.substring(file.lastIndexOf('/') + 1),
                    List.of(),
                    () -> fetch(snapshot, file));
        }
        List<String> texts = snapshot.files().stream().filter(f -> isText(snapshot, f)).toList();
        snapshot.fetch(texts);
        return new RemoteModel(
                snapshot.folder(),
                name.model(),
                List.copyOf(snapshot.files()),
                () -> {
                    weights(snapshot, "").ifPresent(file -> fetch(snapshot, file));
                    modules(snapshot)
                            .flatMap(folder -> weights(snapshot, folder).stream())
                            .forEach(file -> fetch(snapshot, file));
                });
    }

    /** {@return the folders of the modules of sentence-transformers, ending in a slash} */
    private static Stream<String> modules(HubSnapshot snapshot) {
        return snapshot.files().stream()
                .filter(file -> isModule(snapshot, file))
                .map(file -> file.substring(0, file.lastIndexOf('/') + 1));
    }

    private static boolean isModule(HubSnapshot snapshot, String file) {
        return file.endsWith("/config.json") && snapshot.files().contains("modules.json");
    }

    /** {@return the first of the files that may hold the weights of a folder} */
    private static Optional<String> weights(HubSnapshot snapshot, String folder) {
        return Stream.concat(StateDict.fileNames().stream(), Stream.of(PeftFolder.WEIGHTS))
                .map(folder::concat)
                .filter(snapshot.files()::contains)
                .findFirst();
    }

    private static void fetch(HubSnapshot snapshot, String file) {
        Path local = snapshot.fetch(List.of(file)).get(0);
        String folder = file.substring(0, file.lastIndexOf('/') + 1);
        snapshot.fetch(StateDict.shards(local).stream().map(shard -> folder + shard).toList());
    }

    /**
     * {@return true for settings, vocabularies and class names, which are texts beside the weights,
     * and for the settings of the modules of sentence-transformers, in a folder each}
     */
    private static boolean isText(HubSnapshot snapshot, String file) {
        return (isModule(snapshot, file) || !file.contains("/"))
                && Stream.of(".json", ".txt", ".bpe").anyMatch(file::endsWith)
                && !file.endsWith(INDEX)
                && snapshot.size(file).orElse(0) <= LONGEST_TEXT;
    }

    boolean hasWeights() {
        return StateDict.fileNames().stream().anyMatch(files::contains);
    }
}
