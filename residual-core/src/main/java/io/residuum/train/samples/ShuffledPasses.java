package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream pass after pass. Each pass is shuffled through a buffer by a random stream of its
 * own, so that a position depends on the seed alone. Read by one thread at a time.
 */
final class ShuffledPasses implements AutoCloseable {
    private final SampleStream stream;
    private final long seed;
    private final List<Sample> buffer = new ArrayList<>();
    private long pass;
    private long inPass;
    private long position;
    private @Nullable Iterator<Sample> source;
    private SplittableRandom random;

    ShuffledPasses(SampleStream stream, long seed) {
        this.stream = stream;
        this.seed = seed;
        this.random = Seeds.random(seed, 0);
    }

    /** Returns the number of samples of one pass. */
    static long count(SampleStream stream) {
        Iterator<Sample> all = stream.samples().iterator();
        long n = 0;
        while (all.hasNext()) {
            all.next();
            n++;
        }
        close(all);
        return n;
    }

    /** Returns the number of samples read or skipped. */
    synchronized long position() {
        return position;
    }

    /** Begins a later pass. */
    synchronized void skipPasses(long passes) {
        endPass();
        pass = passes;
        random = Seeds.random(seed, pass);
    }

    /** Skips samples. Whole passes are not read once the first has shown their length. */
    synchronized void skip(long samples) {
        long end = position + samples;
        boolean measured = false;
        while (position < end) {
            next();
            if (pass == 1 && inPass == 1 && !measured) {
                measured = true;
                long length = position - 1;
                skipPasses(end / length);
                position = end / length * length;
            }
        }
    }

    /** Returns the next sample, of the next pass after the last one. */
    synchronized Sample next() {
        Iterator<Sample> open = source;
        if (open == null) {
            open = stream.samples().iterator();
            source = open;
        }
        while (buffer.size() < stream.buffer() && open.hasNext()) {
            buffer.add(open.next());
        }
        if (buffer.isEmpty()) {
            if (inPass == 0) {
                throw new DataException("a stream must have one sample or more, got none");
            }
            skipPasses(pass + 1);
            return next();
        }
        int drawn = random.nextInt(buffer.size());
        Sample sample = buffer.get(drawn);
        int last = buffer.size() - 1;
        buffer.set(drawn, buffer.get(last));
        buffer.remove(last);
        inPass++;
        position++;
        return sample;
    }

    private void endPass() {
        Iterator<Sample> open = source;
        source = null;
        if (open != null) {
            close(open);
        }
        buffer.clear();
        inPass = 0;
    }

    private static void close(Iterator<Sample> iterator) {
        if (iterator instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new DataException("cannot close the samples: " + e, e);
            }
        }
    }

    @Override
    public synchronized void close() {
        endPass();
    }
}
