package io.residuum.examples.cli.bench;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the memory use of this process, engines included. */
final class Memory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    private Memory() {}

    /** {@return the peak resident memory in bytes, or null if the system does not report it} */
    static @Nullable Long peakResidentBytes() {
        if (!Files.isReadable(STATUS)) {
            return null;
        }
        try {
            Matcher peak = PEAK.matcher(Files.readString(STATUS));
            return peak.find() ? Long.parseLong(peak.group(1)) << 10 : null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * {@return the used memory of a GPU in bytes, or null on the CPU} After a measurement it is the
     * peak, because PyTorch's allocator keeps memory that it once had.
     */
    static @Nullable Long deviceBytes(Device device) {
        return device.isGpu() && CudaUtils.hasCuda()
                ? CudaUtils.getGpuMemory(device).getCommitted()
                : null;
    }
}
