package io.residuum.train.callback;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes event files for TensorBoard into the run folder, one for each process: the measures of
 * each epoch, and between them the mean loss of the epoch so far and the learning rate.
 *
 * @param every the number of updates from point to point, positive. Default: 20
 */
@TypeName("tensorboard")
public record TensorBoard(@Default("20") int every) implements CallbackSpec {
    private static final String LEARNING_RATE = "learningRate";

    public TensorBoard {
        Check.positive("every", every);
    }

    @Override
    public Callback newCallback() {
        return new Writer(every);
    }

    private static final class Writer implements Callback {
        private final int every;
        private @Nullable EventFile file;
        private boolean resumes;

        Writer(int every) {
            this.every = every;
        }

        @Override
        public void trainingBegins(TrainingControl training, int epochsDone) {
            file = EventFile.create(training.folder());
            resumes = epochsDone > 0;
        }

        @Override
        public void stepEnds(TrainingControl training, StepEnd step) {
            if (resumes && file != null) {
                file.restartAt(step.updates());
                resumes = false;
            }
            if (step.updates() % every == 0) {
                write(
                        step.updates(),
                        Map.of("epochLoss", step.loss(), LEARNING_RATE, step.learningRate()));
            }
        }

        @Override
        public void epochEnds(TrainingControl training, EpochEnd epoch) {
            Map<String, Double> values = new LinkedHashMap<>(epoch.measures());
            values.put("epoch", (double) epoch.epoch());
            write(epoch.updates(), values);
        }

        private void write(long step, Map<String, Double> values) {
            if (file != null) {
                file.scalars(step, values);
            }
        }

        @Override
        public void trainingEnds() {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
