package io.residuum.serve;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The metrics of a server, in Micrometer's registry for Prometheus. */
final class ServerMetrics implements AutoCloseable {
    /** The text format of Prometheus. */
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int KIB = 1024;

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    ServerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        if (Files.isReadable(STATUS)) {
            // What the engine allocates is outside Java's heap.
            Gauge.builder("residuum.process.memory", ServerMetrics::residentBytes)
                    .description("Memory of the process, with that of the engine")
                    .baseUnit("bytes")
                    .register(registry);
        }
    }

    private static double residentBytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.split("\\s+")[1]) * KIB)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Starts the time of a request. */
    Timer.Sample start() {
        return Timer.start(registry);
    }

    /** Counts a request. */
    void stop(Timer.Sample sample, String route, int status) {
        sample.stop(
                Timer.builder("http.server.requests")
                        .description("Time of requests")
                        .tag("uri", route)
                        .tag("status", Integer.toString(status))
                        .publishPercentileHistogram()
                        .register(registry));
    }

    @Override
    public void close() {
        registry.close();
    }
}
