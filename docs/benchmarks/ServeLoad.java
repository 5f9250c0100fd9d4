import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Loads a server with clients that each send one request at a time, and prints a row of a table: a source-file program.
 * Arguments: the URL of the request, the URL of the metrics or -, clients, requests, the side of the picture that is sent.
 */
public final class ServeLoad {
    private static final int REFUSED = 429;

    private ServeLoad() {}

    public static void main(String[] args) throws Exception {
        URI target = URI.create(args[0]);
        int clients = Integer.parseInt(args[2]);
        int requests = Integer.parseInt(args[3]);
        byte[] picture = picture(Integer.parseInt(args[4]));
        double before = memory(args[1]);
        long[] nanos = new long[requests];
        AtomicInteger next = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        long start = System.nanoTime();
        List<Thread> threads =
                IntStream.range(0, clients)
                        .mapToObj(
                                i ->
                                        new Thread(
                                                () -> {
                                                    HttpClient http = HttpClient.newHttpClient();
                                                    for (int n = next.getAndIncrement(); n < requests; n = next.getAndIncrement()) {
                                                        long begin = System.nanoTime();
                                                        int status = post(http, target, picture);
                                                        long time = System.nanoTime() - begin;
                                                        if (status == 200) {
                                                            nanos[answered.getAndIncrement()] = time;
                                                        } else if (status == REFUSED) {
                                                            refused.incrementAndGet();
                                                        } else {
                                                            failed.incrementAndGet();
                                                        }
                                                    }
                                                }))
                        .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double after = memory(args[1]);
        long[] times = Arrays.copyOf(nanos, answered.get());
        Arrays.sort(times);
        System.out.printf(
                Locale.ROOT,
                "| %d | %,d | %,d | %,d | %.1f | %.1f | %.1f | %.1f | %.0f | %.0f |%n",
                clients,
                answered.get(),
                refused.get(),
                failed.get(),
                answered.get() / seconds,
                percentile(times, 0.5),
                percentile(times, 0.95),
                percentile(times, 0.99),
                before / (1 << 20),
                after / (1 << 20));
        System.exit(failed.get() == 0 ? 0 : 1);
    }

    private static double percentile(long[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
    }

    private static int post(HttpClient http, URI target, byte[] picture) {
        HttpRequest request =
                HttpRequest.newBuilder(target)
                        .header("Content-Type", "image/png")
                        .POST(BodyPublishers.ofByteArray(picture))
                        .build();
        try {
            return http.send(request, BodyHandlers.ofByteArray()).statusCode();
        } catch (IOException e) {
            System.err.println(e);
            return -1;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the memory of the server's process; NaN if it has no such metric. */
    private static double memory(String metrics) throws IOException, InterruptedException {
        if (metrics.equals("-")) {
            return Double.NaN;
        }
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(URI.create(metrics)).build(), BodyHandlers.ofString());
        return response.body()
                .lines()
                .filter(line -> line.startsWith("residuum_process_memory_bytes "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static byte[] picture(int side) throws IOException {
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            picture.setRGB(i % side, i / side, i * 2654435);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", out);
        return out.toByteArray();
    }
}
