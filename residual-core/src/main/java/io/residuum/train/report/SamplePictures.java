package io.residuum.train.report;

import io.residuum.loss.Target;
import io.residuum.metric.Columns;
import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.OutputKind;
import java.util.Arrays;

/** Draws the target and the prediction of one sample: pixels as they are, classes in colours. */
final class SamplePictures {
    /**
     * Colours of classes that differ in lightness, too. The first class is often the background.
     */
    private static final int[] PALETTE = {
        0x1b1f2a, 0xf2b134, 0x2a9d8f, 0xe76f51, 0x6c8ebf, 0xd9d9d9, 0x9b5de5, 0x8ab17d, 0xb56576,
        0x00bbf9
    };

    private static final int UNKNOWN = 0xffffff;

    private final MeasuredOutput output;
    private final MetricBatch batch;
    private final int height;
    private final int width;
    private final int from;
    private final int size;

    SamplePictures(MeasuredOutput output, MetricBatch batch, int sample) {
        this.output = output;
        this.batch = batch;
        height = Math.toIntExact(batch.shape().get(2));
        width = Math.toIntExact(batch.shape().get(3));
        size = batch.output().length / batch.samples();
        from = sample * size;
    }

    Picture target() {
        return output.kind() == OutputKind.NUMBERS
                ? pixels(batch.numbers())
                : coloured(
                        p ->
                                output.kind() == OutputKind.CLASSES
                                        ? batch.labels()[p]
                                        : firstLabel(batch.numbers(), p, 0.5f));
    }

    Picture prediction() {
        return output.kind() == OutputKind.NUMBERS
                ? pixels(batch.output())
                : coloured(
                        p ->
                                output.kind() == OutputKind.CLASSES
                                        ? batch.best(p)
                                        : firstLabel(batch.output(), p, 0));
    }

    /**
     * Returns pixels as a picture. If targets leave [0, 1], their range becomes black to white, for
     * the prediction as well.
     */
    private Picture pixels(float[] values) {
        float low = 0;
        float high = 1;
        float[] wanted = batch.numbers();
        for (int i = from; i < from + size; i++) {
            if (!Float.isNaN(wanted[i])) {
                low = Math.min(low, wanted[i]);
                high = Math.max(high, wanted[i]);
            }
        }
        float[] planes = Arrays.copyOfRange(values, from, from + size);
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (planes[i] - low) / (high - low);
        }
        return Picture.ofPlanes(planes, batch.columns().count(), height, width);
    }

    private interface Labels {
        int at(int position);
    }

    private Picture coloured(Labels labels) {
        int area = height * width;
        byte[] rgb = new byte[3 * area];
        int first = from / batch.columns().count();
        for (int i = 0; i < area; i++) {
            int label = labels.at(first + i);
            int colour = label == Target.IGNORED ? UNKNOWN : PALETTE[label % PALETTE.length];
            rgb[3 * i] = (byte) (colour >> 16);
            rgb[3 * i + 1] = (byte) (colour >> 8);
            rgb[3 * i + 2] = (byte) colour;
        }
        return new Picture(rgb, width, height);
    }

    /** Returns one more than the first label of a pixel, 0 for none, or that it is unknown. */
    private int firstLabel(float[] values, int position, float threshold) {
        Columns columns = batch.columns();
        for (int c = 0; c < columns.count(); c++) {
            float value = values[columns.index(position, c)];
            if (Float.isNaN(value)) {
                return Target.IGNORED;
            }
            if (value > threshold) {
                return c + 1;
            }
        }
        return 0;
    }
}
