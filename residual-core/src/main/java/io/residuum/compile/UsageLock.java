package io.residuum.compile;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * A lock of an object with native memory. Any number of threads may use the object at once. A
 * change waits until all uses end, and later uses wait for the change. So no thread frees memory
 * that another one reads, which would crash the process.
 */
public final class UsageLock {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final String name;
    private boolean closed;

    /**
     * Creates a lock.
     *
     * @param name the name of the object in messages, for instance {@code the network}
     */
    public UsageLock(String name) {
        this.name = name;
    }

    /**
     * Uses the object.
     *
     * @param <T> the type of the result
     * @param use the use, which may contain others
     * @return the result
     * @throws IllegalStateException if the object is closed
     */
    public <T> T use(Supplier<T> use) {
        lock.readLock().lock();
        try {
            requireOpen();
            return use.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Changes the object.
     *
     * @param change the change, which may use the object
     * @throws IllegalStateException if the object is closed, or this thread is using it: it would
     *     wait for itself
     */
    public void change(Runnable change) {
        alone(
                () -> {
                    requireOpen();
                    change.run();
                });
    }

    /**
     * Closes the object. A second call does nothing.
     *
     * @param closing frees its memory
     * @throws IllegalStateException if this thread is using it
     */
    public void close(Runnable closing) {
        alone(
                () -> {
                    if (!closed) {
                        closed = true;
                        closing.run();
                    }
                });
    }

    /** {@return true if this thread is using the object and therefore cannot change it} */
    public boolean isUsedHere() {
        return lock.getReadHoldCount() > 0 && !lock.isWriteLockedByCurrentThread();
    }

    private void alone(Runnable action) {
        if (isUsedHere()) {
            throw new IllegalStateException(
                    name
                            + " must not be changed or closed while this thread uses it: do it"
                            + " afterwards");
        }
        lock.writeLock().lock();
        try {
            action.run();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name + " is closed: open it again");
        }
    }
}
