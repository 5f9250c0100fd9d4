package io.residuum.train.parallel;

import io.residuum.data.Share;
import io.residuum.spec.Check;

/**
 * The processes that train a network together, and the time between their exchanges. A run of W
 * processes is the run of one process with the same recipe: each process runs its share of the
 * {@code accumulate} passes of an update. So an update sees {@code batch * accumulate} samples, and
 * an epoch each batch once. Norms use the statistics of their own batches, as with gradient
 * accumulation.
 *
 * @param group the processes
 * @param localSteps 1 to use the mean gradient of all processes in each update. A larger number
 *     lets each process update its own copy, and averages weights and optimizer state after so many
 *     updates and at the end of each epoch (local SGD), for slow networks
 */
public record DataParallel(ProcessGroup group, int localSteps) {
    /** Training by one process. */
    public static final DataParallel ALONE = new DataParallel(ProcessGroup.ALONE, 1);

    public DataParallel {
        Check.positive("localSteps", localSteps);
    }

    /**
     * Checks that a recipe can be shared.
     *
     * @param accumulate the number of passes of an update
     * @param scalesLoss true if it computes in float16
     * @throws io.residuum.spec.SpecException if {@code accumulate} is no multiple of the number of
     *     processes, or local steps compute in float16
     */
    public void requireFitting(int accumulate, boolean scalesLoss) {
        Check.that(
                accumulate % group.size() == 0,
                "accumulate must be a multiple of the number of processes, %s, so that all have as"
                        + " many passes, got %s: set it to %s",
                group.size(),
                accumulate,
                group.size());
        Check.that(
                localSteps == 1 || !scalesLoss,
                "local steps must not compute in float16, whose loss scale would differ between"
                        + " processes: set compute to bfloat16 or float32");
    }

    /** {@return the batches of this process} */
    public Share share() {
        return new Share(group.rank(), group.size());
    }

    /** {@return true if this process evaluates the network and writes files} */
    public boolean leads() {
        return group.rank() == 0;
    }
}
