package io.residuum.nn;

import org.jspecify.annotations.Nullable;

/** The settings of a {@link ForwardPass}. */
record PassOptions(
        boolean training,
        boolean dropsOut,
        boolean updatesStatistics,
        SequenceRunner runner,
        @Nullable ForwardHook hook,
        @Nullable Cache cache,
        @Nullable Layer narrowed,
        SavedStates states) {
    static PassOptions of(boolean training) {
        return new PassOptions(
                training,
                training,
                training,
                SequenceRunner.IN_ORDER,
                null,
                null,
                null,
                new SavedStates());
    }

    PassOptions withDropout(boolean active) {
        return new PassOptions(
                training, active, updatesStatistics, runner, hook, cache, narrowed, states);
    }

    PassOptions withUpdates(boolean active) {
        return new PassOptions(training, dropsOut, active, runner, hook, cache, narrowed, states);
    }

    PassOptions withRunner(SequenceRunner other) {
        return new PassOptions(
                training, dropsOut, updatesStatistics, other, hook, cache, narrowed, states);
    }

    PassOptions withHook(ForwardHook other) {
        return new PassOptions(
                training, dropsOut, updatesStatistics, runner, other, cache, narrowed, states);
    }

    PassOptions withCache(@Nullable Cache other) {
        return new PassOptions(
                training, dropsOut, updatesStatistics, runner, hook, other, narrowed, states);
    }

    PassOptions withNarrowed(@Nullable Layer other) {
        return new PassOptions(
                training, dropsOut, updatesStatistics, runner, hook, cache, other, states);
    }

    PassOptions withStates(SavedStates other) {
        return new PassOptions(
                training, dropsOut, updatesStatistics, runner, hook, cache, narrowed, other);
    }
}
