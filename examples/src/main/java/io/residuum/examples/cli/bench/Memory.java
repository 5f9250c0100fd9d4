package io.residuum.examples.cli.bench;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The memory of this process, engines included. */
final class Memory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    private Memory() {}

    /** The most that was resident at any time, in bytes; null where the system does not say. */
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
     * What is taken of a GPU, in bytes: by the end of a measurement its peak, since PyTorch's
     * allocator keeps what it once had. Null on the CPU.
     */
    static @Nullable Long deviceBytes(Device device) {
        return device.isGpu() && CudaUtils.hasCuda()
                ? CudaUtils.getGpuMemory(device).getCommitted()
                : null;
    }
}
