package io.residuum.model.djl;

import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.util.Progress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A repository of DJL with one model on this machine. */
final class ModelRepository extends AbstractRepository {
    private final Path path;
    private final Map<String, String> options;

    ModelRepository(String name, URI uri, Path path, Map<String, String> options) {
        super(name, uri);
        this.path = path.toAbsolutePath().normalize();
        this.options = options;
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public Metadata locate(MRL mrl) {
        Metadata metadata = new Metadata.MatchAllMetadata();
        metadata.setRepositoryUri(URI.create(""));
        metadata.setArtifactId(artifactId());
        metadata.setArtifacts(List.of(artifact(metadata)));
        return metadata;
    }

    private Artifact artifact(Metadata metadata) {
        Artifact artifact = new Artifact();
        artifact.setMetadata(metadata);
        artifact.setName(artifactId());
        artifact.setFiles(Map.of());
        artifact.setOptions(options);
        artifact.setArguments(
                Map.of(
                        "engine",
                        NetworkEngineProvider.NAME,
                        "translatorFactory",
                        TaskTranslatorFactory.class.getName()));
        return artifact;
    }

    private String artifactId() {
        Path name = path.getFileName();
        return name == null ? "model" : name.toString().replaceFirst("\\.safetensors$", "");
    }

    @Override
    public Artifact resolve(MRL mrl, @Nullable Map<String, String> filter) {
        return locate(mrl).getArtifacts().get(0);
    }

    @Override
    public void prepare(Artifact artifact, @Nullable Progress progress) {
        // The model is on this machine.
    }

    @Override
    public Path getCacheDirectory() {
        return path;
    }

    @Override
    public Path getResourceDirectory(Artifact artifact) {
        return path;
    }

    @Override
    public List<MRL> getResources() {
        return List.of(MRL.undefined(this, "io.residuum", artifactId()));
    }
}
