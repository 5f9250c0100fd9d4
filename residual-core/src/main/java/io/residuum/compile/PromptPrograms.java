package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Programs that compute a language model's first pass over sequences and the arrays for its cache.
 * To make and check a program takes about as long as two prompts, so that it must serve more: one
 * for any length is made for the third prompt, one for a fixed length for the third of this length.
 */
final class PromptPrograms {
    private static final int UNCOMPILED = 2;

    private final ProgramPool pool;
    private final AtomicInteger prompts = new AtomicInteger();
    private final Map<List<Capture.Source>, Integer> ofLength = new ConcurrentHashMap<>();
    private volatile @Nullable List<ArrayCache.Slot> slots;

    PromptPrograms(CompileContext context, NDManager manager) {
        this.pool = new ProgramPool(context, manager);
    }

    /** Computes a first pass and fills the cache, as {@link Compiler#first}. */
    NDArray run(NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
        List<ArrayCache.Slot> known = slots;
        int times = ofLength.merge(Compiler.signature(inputs), 1, Integer::sum);
        if (prompts.incrementAndGet() > UNCOMPILED && known != null) {
            Optional<CompiledProgram> program =
                    times > UNCOMPILED && pool.hasRoom(inputs)
                            ? pool.program(inputs)
                            : pool.programOfAnySize(inputs);
            if (program.isPresent()) {
                NDList outputs = program.get().record(inputs).outputs();
                fill(cache, pass, known, outputs.subNDList(1));
                return outputs.head();
            }
        }
        NDArray output = fallback.get();
        slots = cache.slots();
        return output;
    }

    /** Stores the arrays of a first pass in an empty cache. */
    private static void fill(
            ArrayCache cache, ForwardPass pass, List<ArrayCache.Slot> slots, NDList arrays) {
        int from = 0;
        NDList copied = new NDList();
        for (ArrayCache.Slot slot : slots) {
            NDList some = arrays.subNDList(from, from + slot.count());
            from += slot.count();
            if (slot.grows()) {
                cache.store(pass, slot.layer(), some);
                copied.addAll(some);
            } else {
                cache.once(pass, slot.layer(), () -> some);
            }
        }
        copied.close();
    }

    void clear() {
        pool.clear();
    }
}
