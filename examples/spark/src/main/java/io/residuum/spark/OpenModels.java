package io.residuum.spark;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The models that are open in this process, each once, however many tasks use it. A model that no
 * task uses stays open for the next one, until others were used since.
 */
final class OpenModels {
    private static final int MOST_IDLE = 2;

    /** Ordered by their last use. */
    private static final Map<Key, Shared> OPEN = new LinkedHashMap<>();

    private record Key(String model, String engine, boolean compile) {}

    private static final class Shared {
        private @Nullable OpenModel model;
        private int users;

        /** Opens the model once. Other models of the process stay usable during that time. */
        synchronized OpenModel open(ScoringPlan.Opening by) {
            if (model == null) {
                model = OpenModel.open(by.model().local(), by.engine(), by.compile());
            }
            return model;
        }

        synchronized void close() {
            if (model != null) {
                model.close();
            }
        }
    }

    /** The use of a model, until it is closed. */
    static final class Lease implements AutoCloseable {
        private final Shared shared;
        private final OpenModel model;
        private boolean closed;

        private Lease(Shared shared, OpenModel model) {
            this.shared = shared;
            this.model = model;
        }

        OpenModel model() {
            return model;
        }

        @Override
        public void close() {
            synchronized (OPEN) {
                if (!closed) {
                    closed = true;
                    leave(shared);
                }
            }
        }
    }

    private OpenModels() {}

    /** {@return the use of a model, which the first call opens; to be closed by the caller} */
    static Lease use(ScoringPlan plan) {
        ScoringPlan.Opening by = plan.opening();
        Key key = new Key(by.model().name(), by.engine(), by.compile());
        Shared shared;
        synchronized (OPEN) {
            shared = Objects.requireNonNullElseGet(OPEN.remove(key), Shared::new);
            OPEN.put(key, shared);
            shared.users++;
        }
        try {
            return new Lease(shared, shared.open(by));
        } catch (RuntimeException | Error e) {
            synchronized (OPEN) {
                leave(shared);
            }
            throw e;
        }
    }

    /** Ends a use, and closes the models that others have replaced. */
    private static void leave(Shared left) {
        left.users--;
        long idle = OPEN.values().stream().filter(shared -> shared.users == 0).count();
        for (Iterator<Shared> oldest = OPEN.values().iterator(); idle > MOST_IDLE; ) {
            Shared shared = oldest.next();
            if (shared.users == 0) {
                oldest.remove();
                shared.close();
                idle--;
            }
        }
    }
}
