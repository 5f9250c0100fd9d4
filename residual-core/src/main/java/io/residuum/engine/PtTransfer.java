package io.residuum.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.residuum.engine.torch.TorchModule;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Copies values between Java and a GPU through pinned memory, without waiting for other work.
 *
 * <p>DJL copies from and to pageable memory. Such a copy waits until the GPU has computed
 * everything that was enqueued before, so the GPU is idle until the next operations arrive.
 */
final class PtTransfer {
    private static final Map<Device, PtTransfer> ALL = new ConcurrentHashMap<>();

    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    /** The bits of a NaN that no operation gives. They mark memory that the GPU will write. */
    private static final int UNWRITTEN = 0x7fa55a5a;

    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final PtSymbolBlock module;

    private PtTransfer(Device device) {
        PtNDManager owner = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        module = TorchModule.load(List.of(), methods(device), owner);
    }

    /** {@return the copies of a device, shared by the process; for tests, of the CPU too} */
    static PtTransfer of(Device device) {
        return ALL.computeIfAbsent(device, PtTransfer::new);
    }

    private static String methods(Device device) {
        String pin = device.isGpu() ? "True" : "False";
        String target =
                device.isGpu()
                        ? "torch.device(\"cuda:" + device.getDeviceId() + "\")"
                        : "torch.device(\"cpu\")";
        return """
          def pinned(self, like: Tensor) -> Tensor:
            return torch.empty_like(like, dtype=None, layout=None, device=None, pin_memory=%s, memory_format=None)
          def forward(self, x: Tensor) -> Tensor:
            return torch.to(x, dtype=None, layout=None, device=%s, pin_memory=None, non_blocking=True, copy=True, memory_format=None)
          def download(self, pinned: Tensor, x: Tensor) -> NoneType:
            _0 = torch.copy_(pinned, x, True)
            return None
        """
                .formatted(pin, target);
    }

    /**
     * {@return a new array on the GPU}
     *
     * @param manager the owner of the result
     * @param values a buffer of the result's type and size
     * @param shape the shape of the result
     * @param type the type of the result
     */
    NDArray upload(PtNDManager manager, Buffer values, Shape shape, DataType type) {
        // PyTorch's allocator keeps the pinned memory until the copy has ended, then reuses it.
        try (PtNDArray pinned = pinned(manager, shape, type)) {
            BaseNDManager.copyBuffer(values, pinned.toByteBuffer(true));
            // DJL's training flag means: no inference mode, whose arrays cannot have gradients.
            return TorchModule.withoutGraphOptimizer(
                            () -> IValueUtils.forward(module, new NDList(pinned), true))
                    .singletonOrThrow();
        }
    }

    /**
     * Starts to copy an array to Java.
     *
     * @param array a float32 array, which must stay open until the result is read
     * @return a call that waits for the copy, but not for operations that were enqueued after it
     */
    Supplier<float[]> download(PtNDArray array) {
        PtNDArray pinned = pinned(array.getManager(), array.getShape(), DataType.FLOAT32);
        ByteBuffer bytes = pinned.toByteBuffer(true);
        int count = Math.toIntExact(array.size());
        for (int i = 0; i < count; i++) {
            bytes.putInt(i * Integer.BYTES, UNWRITTEN);
        }
        TorchModule.withoutGraphOptimizer(
                () -> {
                    TorchModule.call(module, "download", IValue.from(pinned), IValue.from(array));
                    return true;
                });
        return () -> {
            float[] values = awaited(bytes, count);
            pinned.close();
            // Reading it waits for everything, and throws what went wrong on the GPU.
            return values.length == count ? values : array.toFloatArray();
        };
    }

    /** Waits until the GPU has written all numbers; returns none if it takes far too long. */
    private static float[] awaited(ByteBuffer bytes, int count) {
        long start = System.nanoTime();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            int bits;
            while ((bits = (int) INTS.getVolatile(bytes, i * Integer.BYTES)) == UNWRITTEN) {
                long waited = System.nanoTime() - start;
                if (waited > LONGEST_NANOS) {
                    return new float[0];
                }
                if (waited < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            values[i] = Float.intBitsToFloat(bits);
        }
        return values;
    }

    private PtNDArray pinned(PtNDManager manager, Shape shape, DataType type) {
        try (PtNDArray like =
                        JniUtils.createEmptyNdArray(
                                manager, shape, type, Device.cpu(), SparseFormat.DENSE);
                IValue given = IValue.from(like)) {
            return TorchModule.withoutGraphOptimizer(
                    () -> {
                        try (IValue result = IValueUtils.runMethod(module, "pinned", given)) {
                            return result.toTensor(manager);
                        }
                    });
        }
    }
}
