package io.residuum.examples.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the memory of this process outside Java's heap, most of which is the engine's: {@code
 * residuum.native.memory}, in bytes. Linux only; elsewhere there is no such metric.
 */
public final class NativeMemory implements MeterBinder {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    /** Creates the binder. */
    public NativeMemory() {}

    @Override
    public void bindTo(MeterRegistry registry) {
        if (Files.isReadable(STATUS)) {
            Gauge.builder("residuum.native.memory", NativeMemory::bytes)
                    .baseUnit("bytes")
                    .register(registry);
        }
    }

    private static double bytes() {
        try {
            Matcher resident = RESIDENT.matcher(Files.readString(STATUS));
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
            return resident.find()
                    ? Math.max(0, (Long.parseLong(resident.group(1)) << 10) - heap)
                    : Double.NaN;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
