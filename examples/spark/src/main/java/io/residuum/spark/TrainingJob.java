package io.residuum.spark;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.HostSettings;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.parallel.DataParallel;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.apache.spark.BarrierTaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training run, as the driver sends it to the tasks of a barrier stage.
 *
 * @param spec the network as JSON
 * @param weights the file of the weights to start from, null for random ones
 * @param recipe the recipe as JSON, for all tasks together
 * @param data the task and its data
 * @param engine the name of the engine
 * @param folder the run folder on a file system of Hadoop
 * @param localSteps as in {@link DataParallel}
 */
record TrainingJob(
        String spec,
        @Nullable ShippedFile weights,
        String recipe,
        TaskSource data,
        String engine,
        String folder,
        int localSteps)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);

    /** Trains the copy of one task, and returns the number of epochs done. */
    int run(BarrierTaskContext context) {
        Path local = ShippedFile.temporary("residuum-run");
        RunCopy copy = new RunCopy(folder, new RunFolder(local));
        // Before the tasks meet: nothing is saved until all have read the same checkpoint.
        copy.fetch();
        BlockGroup group = new BlockGroup(context);
        Recipe settings = SpecJson.standard().parse(recipe, "the recipe", Recipe.class);
        ModelSpec network = SpecJson.standard().parse(spec, "the spec", ModelSpec.class);
        HostSettings.useThreads(context.cpus());
        ModelSource model =
                weights == null
                        ? ModelSource.of(network.name(), network)
                        : ModelSource.of(weights.local());
        try (Backend backend = Backend.open(EngineChoice.of(engine), DeviceChoice.AUTO);
                Network trained = model.open(network, backend, settings.seed(), plan -> {})) {
            Trainer trainer =
                    new Trainer(
                            trained,
                            settings,
                            data.open(network, settings),
                            local,
                            group.rank() == 0 ? saving(copy) : ProgressListener.NONE);
            trainer.joinGroup(new DataParallel(group, localSteps));
            Trainer.Result result = trainer.startOrResume();
            if (group.rank() == 0) {
                copy.save();
            }
            return result.epochs();
        } finally {
            delete(local);
        }
    }

    private static ProgressListener saving(RunCopy copy) {
        return new ProgressListener() {
            @Override
            public void epoch(Metrics.Epoch metrics, boolean best) {
                copy.save();
                LOG.info("{}", metrics);
            }

            @Override
            public void note(String line) {
                LOG.warn("{}", line);
            }
        };
    }

    private static void delete(Path local) {
        try (var files = Files.walk(local)) {
            files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
        } catch (IOException e) {
            LOG.warn("{} cannot be removed: {}", local, e.getMessage());
        }
    }
}
