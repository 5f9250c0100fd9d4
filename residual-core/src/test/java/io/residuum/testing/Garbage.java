package io.residuum.testing;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;

/** Frees Java memory that an engine may still refer to, and writes over it. */
public final class Garbage {
    private static final int BUFFERS = 64;
    private static final int FILLER = 1 << 16;

    /** Keeps the compiler from leaving out what nothing reads. */
    private static volatile byte[] filler = {};

    private Garbage() {}

    /**
     * Collects young objects, waits until the direct buffers found are freed, and fills as many new
     * ones.
     */
    public static void collect() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> last = new PhantomReference<>(new Object(), queue);
        // A full young generation is collected sooner than System.gc() collects the whole heap.
        while (queue.poll() != last) {
            filler = new byte[FILLER];
        }
        try {
            // Buffers are freed by the thread that also enqueues this reference.
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ByteBuffer[] reused = new ByteBuffer[BUFFERS];
        for (int i = 0; i < BUFFERS; i++) {
            reused[i] = ByteBuffer.allocateDirect(8 << i % 4);
            while (reused[i].hasRemaining()) {
                reused[i].put((byte) 0x6b);
            }
        }
    }
}
