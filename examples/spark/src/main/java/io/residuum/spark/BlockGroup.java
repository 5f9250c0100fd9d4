package io.residuum.spark;

import io.residuum.train.TrainingException;
import io.residuum.train.parallel.ProcessGroup;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.ThreadUtils;
import scala.Option;
import scala.concurrent.Future;
import scala.concurrent.duration.Duration;
import scala.reflect.ClassTag$;

/**
 * The tasks of a barrier stage. An all-reduce is a reduce-scatter and an all-gather (Thakur et al.
 * 2005, doi:10.1177/1094342005051521): each task sums one part of the values for all. Each task
 * pushes blocks into Spark's block managers of the others and waits for theirs. Spark's own barrier
 * and allGather answer after a second at the earliest, so they only start the group.
 */
final class BlockGroup implements ProcessGroup {
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final BarrierTaskContext context;
    private final BlockManager blocks = SparkEnv.get().blockManager();
    private final BlockManagerId[] peers;
    private final int rank;
    private long round;

    /** Joins the group, and waits for all other tasks. */
    BlockGroup(BarrierTaskContext context) {
        this.context = context;
        this.rank = context.partitionId();
        BlockManagerId own = blocks.blockManagerId();
        String address = own.executorId() + "\n" + own.host() + "\n" + own.port();
        this.peers =
                Arrays.stream(context.allGather(address))
                        .map(text -> text.split("\n"))
                        .map(
                                parts ->
                                        BlockManagerId.apply(
                                                parts[0],
                                                parts[1],
                                                Integer.parseInt(parts[2]),
                                                Option.empty()))
                        .toArray(BlockManagerId[]::new);
        // Engines record gradients for one thread of a process.
        long processes = Arrays.stream(peers).map(BlockManagerId::executorId).distinct().count();
        if (processes < peers.length) {
            throw new TrainingException(
                    ("each worker must have its own executor, but %d workers are on %d: set"
                                    + " spark.task.cpus to the cores of an executor, or use fewer"
                                    + " workers")
                            .formatted(peers.length, processes));
        }
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return peers.length;
    }

    @Override
    public List<byte[]> gather(byte[] value) {
        return exchange(to -> ByteBuffer.wrap(value)).stream().map(BlockGroup::bytes).toList();
    }

    @Override
    public void sum(float[] values) {
        float[] total = new float[part(values, rank).remaining() / Float.BYTES];
        // In the order of ranks: the same bits, whichever arrives first.
        for (ByteBuffer part : exchange(to -> part(values, to))) {
            requireBytes(part, total.length);
            for (int i = 0; i < total.length; i++) {
                total[i] += part.getFloat();
            }
        }
        ByteBuffer own = ByteBuffer.allocate(total.length * Float.BYTES);
        own.asFloatBuffer().put(total);
        List<ByteBuffer> totals = exchange(to -> own.duplicate());
        for (int from = 0; from < size(); from++) {
            int length = begin(values, from + 1) - begin(values, from);
            requireBytes(totals.get(from), length);
            totals.get(from).asFloatBuffer().get(values, begin(values, from), length);
        }
    }

    private ByteBuffer part(float[] values, int to) {
        int length = begin(values, to + 1) - begin(values, to);
        ByteBuffer part = ByteBuffer.allocate(Math.multiplyExact(length, Float.BYTES));
        part.asFloatBuffer().put(values, begin(values, to), length);
        return part;
    }

    private int begin(float[] values, int part) {
        return (int) ((long) values.length * part / size());
    }

    private static void requireBytes(ByteBuffer part, int values) {
        if (part.remaining() != values * Float.BYTES) {
            throw new TrainingException(
                    ("all processes must send as many gradients, but one sent %d bytes instead of"
                                    + " %d: give all the same network")
                            .formatted(part.remaining(), values * Float.BYTES));
        }
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return bytes;
    }

    /** Sends a value to each task, and returns the values for this one, by rank. */
    private List<ByteBuffer> exchange(IntFunction<ByteBuffer> values) {
        List<Future<?>> sent = new ArrayList<>();
        for (int next = 1; next < size(); next++) {
            int to = (rank + next) % size(); // not all to the same one at once
            sent.add(send(to, values.apply(to)));
        }
        List<ByteBuffer> received = new ArrayList<>();
        for (int from = 0; from < size(); from++) {
            received.add(from == rank ? values.apply(rank) : receive(from));
        }
        for (Future<?> each : sent) {
            try {
                ThreadUtils.awaitResult(each, Duration.Inf());
            } catch (SparkException e) {
                throw new TrainingException(
                        "worker %d cannot send to another one: its executor is lost, or has no memory and disk for gradients (raise spark.executor.memory)"
                                .formatted(rank),
                        e);
            }
        }
        round++;
        return received;
    }

    /** Names a block. Executors accept these names, and no broadcast has this number. */
    private BroadcastBlockId block(int from) {
        return new BroadcastBlockId(
                Long.MAX_VALUE,
                "residuum_%d_%d_%d_%d"
                        .formatted(context.stageId(), context.stageAttemptNumber(), round, from));
    }

    private Future<?> send(int to, ByteBuffer value) {
        BlockManagerId at = peers[to];
        return blocks.blockTransferService()
                .uploadBlock(
                        at.host(),
                        at.port(),
                        at.executorId(),
                        block(rank),
                        new NioManagedBuffer(value),
                        StorageLevel.MEMORY_AND_DISK_SER(),
                        ClassTag$.MODULE$.Byte());
    }

    private ByteBuffer receive(int from) {
        BroadcastBlockId id = block(from);
        Option<BlockData> block = blocks.getLocalBytes(id);
        while (block.isEmpty()) {
            if (context.isInterrupted()) {
                throw new TrainingException(
                        "worker %d waits for worker %d, but the stage was stopped: see the first error of its tasks"
                                .formatted(rank, from));
            }
            LockSupport.parkNanos(POLL_NANOS);
            block = blocks.getLocalBytes(id);
        }
        try {
            return ByteBuffer.wrap(bytes(block.get().toByteBuffer()));
        } finally {
            blocks.releaseLock(id, Option.empty());
            blocks.removeBlock(id, false);
        }
    }
}
