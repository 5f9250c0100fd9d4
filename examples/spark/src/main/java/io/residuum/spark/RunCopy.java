package io.residuum.spark;

import io.residuum.train.RunFolder;
import io.residuum.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * Copies a run folder between an executor and a file system of Hadoop. Files there are replaced by
 * renaming, and the checkpoint comes last, so that a killed executor leaves a run that resumes.
 */
final class RunCopy {
    private final FileSystem files;
    private final FileContext renaming;
    private final Path remote;
    private final RunFolder local;

    RunCopy(String uri, RunFolder local) {
        this.remote = new Path(uri);
        this.local = local;
        try {
            Configuration settings = SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
            this.files = remote.getFileSystem(settings);
            this.renaming = FileContext.getFileContext(files.getUri(), settings);
        } catch (IOException e) {
            throw failed("opened", e);
        }
    }

    private List<java.nio.file.Path> all() {
        return List.of(
                local.spec(),
                local.recipe(),
                local.metrics(),
                local.report(),
                local.model(),
                local.checkpoint());
    }

    private Path at(java.nio.file.Path file) {
        return new Path(remote, file.getFileName().toString());
    }

    private static Path path(java.nio.file.Path file) {
        return new Path(file.toUri());
    }

    /** Fetches the run, if there is one. */
    void fetch() {
        try {
            for (java.nio.file.Path file : all()) {
                if (files.exists(at(file))) {
                    files.copyToLocalFile(false, at(file), path(file), true);
                }
            }
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    /** Saves the run. */
    void save() {
        try {
            for (java.nio.file.Path file : all()) {
                if (Files.exists(file)) {
                    Path temporary = at(file).suffix(".part");
                    files.copyFromLocalFile(false, true, path(file), temporary);
                    // FileSystem.rename does not replace a file.
                    renaming.rename(temporary, at(file), Options.Rename.OVERWRITE);
                }
            }
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    private TrainingException failed(String what, IOException e) {
        return new TrainingException(
                remote + ": the run cannot be %s: %s".formatted(what, e.getMessage()), e);
    }
}
