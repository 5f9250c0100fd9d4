package io.residuum.spark;

import io.residuum.train.TrainingException;
import io.residuum.train.parallel.ProcessGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.TaskCompletionListener;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.reflect.ClassTag$;

/**
 * The tasks of a barrier stage. An all-reduce is a reduce-scatter and an all-gather (Thakur et al.
 * 2005, doi:10.1177/1094342005051521): each task sums one part of the values for all. Parts travel
 * from executor to executor as blocks of Spark's block managers; the driver only synchronizes.
 */
final class BlockGroup implements ProcessGroup {
    private final BarrierTaskContext context;
    private final BlockManager blocks = SparkEnv.get().blockManager();
    private final BlockManagerId[] peers;
    private final int rank;
    private final Set<BroadcastBlockId> stored = new HashSet<>();
    private long round;

    /** Joins the group, and waits for all other tasks. */
    BlockGroup(BarrierTaskContext context) {
        this.context = context;
        this.rank = context.partitionId();
        context.addTaskCompletionListener(
                (TaskCompletionListener)
                        done -> stored.forEach(id -> blocks.removeBlock(id, false)));
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
                    ("each worker must have an executor of its own, but %d workers are on %d: set"
                                    + " spark.task.cpus to the cores of an executor, or use fewer"
                                    + " workers")
                            .formatted(peers.length, processes));
        }
    }

    /** Waits until no other task reads blocks of this one. */
    void leave() {
        context.barrier();
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
        return Arrays.stream(context.allGather(Base64.getEncoder().encodeToString(value)))
                .map(Base64.getDecoder()::decode)
                .toList();
    }

    @Override
    public void sum(float[] values) {
        for (int to = 0; to < size(); to++) {
            if (to != rank) {
                put(part(rank, to), Arrays.copyOfRange(values, begin(values, to), end(values, to)));
            }
        }
        context.barrier();
        remove(total(rank, round - 1)); // read by all before they came here
        float[] sum = new float[end(values, rank) - begin(values, rank)];
        // In the order of ranks: the same bits, whoever arrives first.
        for (int from = 0; from < size(); from++) {
            if (from == rank) {
                add(sum, values, begin(values, rank));
            } else {
                add(sum, fetch(from, part(from, rank), sum.length), 0);
            }
        }
        put(total(rank, round), sum);
        context.barrier();
        for (int each = 0; each < size(); each++) {
            float[] some =
                    each == rank
                            ? sum
                            : fetch(
                                    each,
                                    total(each, round),
                                    end(values, each) - begin(values, each));
            System.arraycopy(some, 0, values, begin(values, each), some.length);
            if (each != rank) {
                remove(part(rank, each));
            }
        }
        round++;
    }

    private static void add(float[] sum, float[] values, int from) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += values[from + i];
        }
    }

    private int begin(float[] values, int part) {
        return (int) ((long) values.length * part / size());
    }

    private int end(float[] values, int part) {
        return begin(values, part + 1);
    }

    private BroadcastBlockId part(int from, int to) {
        return block("part_%d_%d_%d".formatted(round, from, to));
    }

    private BroadcastBlockId total(int from, long ofRound) {
        return block("sum_%d_%d".formatted(ofRound, from));
    }

    /** Names a block. Only these names reach other executors, and no broadcast has this number. */
    private BroadcastBlockId block(String name) {
        return new BroadcastBlockId(
                Long.MAX_VALUE,
                "residuum_%d_%d_%s"
                        .formatted(context.stageId(), context.stageAttemptNumber(), name));
    }

    private void put(BroadcastBlockId id, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        stored.add(id);
        boolean kept =
                blocks.putBytes(
                        id,
                        new ChunkedByteBuffer(bytes),
                        StorageLevel.MEMORY_AND_DISK_SER(),
                        false,
                        ClassTag$.MODULE$.Byte());
        if (!kept) {
            throw new TrainingException(
                    ("an executor must store a part of the gradients, %,d bytes, but has no memory"
                                    + " and disk for it: raise spark.executor.memory")
                            .formatted(bytes.capacity()));
        }
    }

    private void remove(BroadcastBlockId id) {
        if (stored.remove(id)) {
            blocks.removeBlock(id, false);
        }
    }

    private float[] fetch(int peer, BroadcastBlockId id, int length) {
        BlockManagerId at = peers[peer];
        if (at.executorId().equals(blocks.blockManagerId().executorId())) {
            BlockData local = blocks.getLocalBytes(id).get();
            try {
                return floats(local.toByteBuffer(), peer, length);
            } finally {
                blocks.releaseLock(id, Option.empty());
            }
        }
        ManagedBuffer remote =
                blocks.blockTransferService()
                        .fetchBlockSync(at.host(), at.port(), at.executorId(), id.name(), null);
        try {
            return floats(remote.nioByteBuffer(), peer, length);
        } catch (IOException e) {
            throw new TrainingException(
                    "gradients of process %d cannot be read: %s".formatted(peer, e), e);
        } finally {
            remote.release();
        }
    }

    private static float[] floats(ByteBuffer bytes, int peer, int length) {
        if (bytes.remaining() != length * Float.BYTES) {
            throw new TrainingException(
                    ("all processes must send as many gradients, but process %d sent %d bytes"
                                    + " instead of %d: give all the same network")
                            .formatted(peer, bytes.remaining(), length * Float.BYTES));
        }
        float[] values = new float[length];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
