import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.HostSettings;
import io.residuum.compile.CompileOptions;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.vision.resnet.ResNetPresets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures the images per second that several threads get from one compiled network, each asking
 * for one image at a time. A source-file program, run with the launcher's class path: engine, preset of a
 * ResNet, the most callers, seconds. OMP_NUM_THREADS sets the threads of the engine for one call.
 */
public final class Callers {
    private static final int WARM_UP = 20;

    private Callers() {}

    public static void main(String[] args) throws Exception {
        HostSettings.keepFreedMemory();
        EngineChoice engine = EngineChoice.of(args[0]);
        int most = Integer.parseInt(args[2]);
        double seconds = Double.parseDouble(args[3]);
        try (Backend backend = Backend.open(engine, DeviceChoice.CPU);
                Network network = Network.create(spec(args[1]), backend, 0)) {
            network.compile(CompileOptions.DEFAULT, System.err::println);
            System.out.println("| engine | threads of a call | callers | images/s |");
            System.out.println("|---|---:|---:|---:|");
            for (int callers = 1; callers <= most; callers *= 2) {
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %d | %.1f |%n",
                        args[0],
                        System.getenv("OMP_NUM_THREADS"),
                        callers,
                        rate(network, callers, seconds));
            }
        }
    }

    private static ModelSpec spec(String name) {
        return new ResNetPresets()
                .presets().stream()
                        .filter(preset -> preset.name().equals(name))
                        .findFirst()
                        .orElseThrow()
                        .spec();
    }

    private static double rate(Network network, int callers, double seconds) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CountDownLatch warm = new CountDownLatch(callers);
        AtomicLong images = new AtomicLong();
        List<Future<Double>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(threads.submit(() -> call(network, warm, images, seconds)));
        }
        double longest = 0;
        for (Future<Double> each : all) {
            longest = Math.max(longest, each.get());
        }
        threads.shutdown();
        return images.get() / longest;
    }

    private static double call(
            Network network, CountDownLatch warm, AtomicLong images, double seconds)
            throws InterruptedException {
        for (int i = 0; i < WARM_UP; i++) {
            predict(network);
        }
        warm.countDown();
        warm.await();
        long begin = System.nanoTime();
        double passed = 0;
        while (passed < seconds) {
            predict(network);
            images.incrementAndGet();
            passed = (System.nanoTime() - begin) / 1e9;
        }
        return passed;
    }

    private static void predict(Network network) {
        Shape shape = new Shape(1).addAll(network.spec().input().batchShape().slice(1));
        try (NDManager manager = network.backend().newManager()) {
            NDList input = new NDList(manager.ones(shape, DataType.FLOAT32));
            network.predict(input).toFloatArray();
        }
    }
}
