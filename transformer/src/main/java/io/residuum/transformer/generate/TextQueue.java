package io.residuum.transformer.generate;

import io.residuum.transformer.generate.TextRequest.Text;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The texts that wait for a batch, in the order of their arrival. One thread takes them. */
final class TextQueue {
    private final int capacity;
    // Virtual threads that wait at a lock, unlike at a monitor, leave their carrier thread.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition left = lock.newCondition();
    private final Deque<Text> texts = new ArrayDeque<>();
    private boolean closed;

    TextQueue(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Adds all texts of a request.
     *
     * @param wait the longest time to wait for room
     * @throws RejectedExecutionException if there is none, or the queue is closed
     */
    void add(TextRequest request, Duration wait) {
        int added = request.texts().size();
        long nanos = wait.toNanos();
        lock.lock();
        try {
            while (!closed && !texts.isEmpty() && texts.size() + added > capacity) {
                if (nanos <= 0) {
                    throw new RejectedExecutionException(
                            "at most %d texts may wait, found %d and %d more: retry later"
                                    .formatted(capacity, texts.size(), added));
                }
                nanos = left.awaitNanos(nanos);
            }
            if (closed) {
                throw new RejectedExecutionException("a closed batch takes no more texts");
            }
            texts.addAll(request.texts());
            arrived.signal();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while the queue is full", e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a text. Returns false if there is none and the queue is closed. */
    boolean await() {
        lock.lock();
        try {
            while (texts.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
            }
            return !texts.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the first text, which keeps its place; null if there is none. */
    @Nullable Text peek() {
        lock.lock();
        try {
            return texts.peek();
        } finally {
            lock.unlock();
        }
    }

    /** Removes texts, unless they have left already. */
    void remove(List<Text> gone) {
        lock.lock();
        try {
            texts.removeAll(gone);
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return texts.size();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses more texts. */
    void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signal();
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
