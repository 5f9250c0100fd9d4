package io.residuum.vision.image;

import io.residuum.data.DataException;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/** Collects what a decoder reports about lost pixels, which it fills with gray or black. */
final class DamageListener implements IIOReadWarningListener, IIOReadProgressListener {
    private static final float ALL = 100;

    private final List<String> damage;
    private final boolean countsRows;
    private @Nullable String first;
    private float percent;

    private DamageListener(List<String> damage, boolean countsRows) {
        this.damage = damage;
        this.countsRows = countsRows;
    }

    /**
     * Listens to a reader.
     *
     * @param damage the beginnings of the warnings that mean lost pixels
     */
    static DamageListener of(ImageReader reader, List<String> damage) throws java.io.IOException {
        // The GIF reader stops silently at an early end of the pixels.
        DamageListener listener =
                new DamageListener(damage, reader.getFormatName().equalsIgnoreCase("gif"));
        reader.addIIOReadWarningListener(listener);
        reader.addIIOReadProgressListener(listener);
        return listener;
    }

    void requireNone() {
        String found = first;
        if (found == null && countsRows && percent < ALL) {
            found = "it has only %.0f%% of its rows".formatted(percent);
        }
        if (found != null) {
            throw new DataException("the picture is damaged: " + found);
        }
    }

    @Override
    public void warningOccurred(ImageReader source, String warning) {
        if (first == null && damage.stream().anyMatch(warning::startsWith)) {
            first = warning;
        }
    }

    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
        percent = percentageDone;
    }

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
}
