package io.residuum.examples.http;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.residuum.model.Classification;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Classifies images of many callers in common batches: those that wait while a forward pass runs
 * share the next one. Safe for use by several threads.
 *
 * <p>Its metrics are {@code residuum.queue} (images that wait), {@code residuum.batch} (images per
 * forward pass) and {@code residuum.prediction} (time of a batch).
 */
public final class BatchingClassifier implements AutoCloseable {

    private record Job(ImageInput image, CompletableFuture<Classification> result) {}

    private final ImageClassifier classifier;
    private final int batch;
    private final BlockingQueue<Job> waiting;
    private final DistributionSummary sizes;
    private final Timer times;
    private final Thread worker;
    private volatile boolean closed;

    /**
     * Starts the thread that runs the network.
     *
     * @param classifier the classifier; {@link #close} closes it
     * @param batch the largest number of images in a forward pass, positive
     * @param queue the largest number of images that wait, positive
     * @param registry the registry of the metrics
     */
    public BatchingClassifier(
            ImageClassifier classifier, int batch, int queue, MeterRegistry registry) {
        this.classifier = classifier;
        this.batch = batch;
        this.waiting = new ArrayBlockingQueue<>(queue);
        this.sizes = DistributionSummary.builder("residuum.batch").register(registry);
        this.times =
                Timer.builder("residuum.prediction")
                        .publishPercentileHistogram()
                        .register(registry);
        Gauge.builder("residuum.queue", waiting, BlockingQueue::size).register(registry);
        this.worker = new Thread(this::work, "residuum-classifier");
        worker.start();
    }

    /**
     * Submits an image.
     *
     * @return its classes, when the batch with the image is done
     * @throws RejectedExecutionException if the queue is full or this classifier is closed
     */
    public CompletableFuture<Classification> classify(ImageInput image) {
        Job job = new Job(image, new CompletableFuture<>());
        if (closed || !waiting.offer(job)) {
            throw new RejectedExecutionException(
                    closed
                            ? "the classifier is closed"
                            : "%d images are waiting; try again later".formatted(waiting.size()));
        }
        if (closed) {
            // The thread may have ended before it saw this job.
            job.result().cancel(false);
        }
        return job.result();
    }

    /** {@return true if images are being taken} */
    public boolean isRunning() {
        return !closed && worker.isAlive();
    }

    private void work() {
        List<Job> jobs = new ArrayList<>();
        try {
            while (true) {
                jobs.add(waiting.take());
                waiting.drainTo(jobs, batch - 1);
                times.record(() -> run(jobs));
                jobs.clear();
            }
        } catch (InterruptedException e) {
            waiting.drainTo(jobs);
            jobs.forEach(job -> job.result().cancel(false));
        }
    }

    private void run(List<Job> jobs) {
        sizes.record(jobs.size());
        try {
            List<Classification> found =
                    classifier.classify(jobs.stream().map(Job::image).toList());
            for (int i = 0; i < found.size(); i++) {
                jobs.get(i).result().complete(found.get(i));
            }
        } catch (RuntimeException | Error e) {
            if (jobs.size() == 1) {
                jobs.get(0).result().completeExceptionally(e);
            } else {
                // One damaged image must not fail the others of its batch.
                jobs.forEach(job -> run(List.of(job)));
            }
        }
    }

    /** Ends after the batch that runs, and closes the classifier. Waiting images are cancelled. */
    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        classifier.close();
    }
}
