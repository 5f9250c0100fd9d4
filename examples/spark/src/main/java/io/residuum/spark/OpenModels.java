package io.residuum.spark;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The models that are open in this process, each once, however many tasks use it. A model that no
 * task uses stays open for the next one, until others were used since.
 */
final class OpenModels {
    private static final int MOST_IDLE = 2;

    /** In the order of their last use. */
    private static final Map<Key, Shared> OPEN = new LinkedHashMap<>();

    private record Key(String model, String engine, boolean compile) {}

    private static final class Shared {
        private final OpenModel model;
        private int users;

        Shared(OpenModel model) {
            this.model = model;
        }
    }

    /** The use of a model, until it is closed. */
    static final class Lease implements AutoCloseable {
        private final Shared shared;
        private boolean closed;

        private Lease(Shared shared) {
            this.shared = shared;
        }

        OpenModel model() {
            return shared.model;
        }

        @Override
        public void close() {
            synchronized (OPEN) {
                if (!closed) {
                    closed = true;
                    shared.users--;
                    closeIdle();
                }
            }
        }
    }

    private OpenModels() {}

    /** {@return the use of a model, which the first call opens; to be closed by the caller} */
    static Lease use(ScoringPlan plan) {
        Key key = new Key(plan.model().name(), plan.engine(), plan.compile());
        synchronized (OPEN) {
            Shared shared = OPEN.remove(key);
            if (shared == null) {
                shared = new Shared(OpenModel.open(plan.model().local(), key.engine, key.compile));
            }
            OPEN.put(key, shared);
            shared.users++;
            return new Lease(shared);
        }
    }

    private static void closeIdle() {
        long idle = OPEN.values().stream().filter(shared -> shared.users == 0).count();
        for (Iterator<Shared> oldest = OPEN.values().iterator(); idle > MOST_IDLE; ) {
            Shared shared = oldest.next();
            if (shared.users == 0) {
                oldest.remove();
                shared.model.close();
                idle--;
            }
        }
    }
}
