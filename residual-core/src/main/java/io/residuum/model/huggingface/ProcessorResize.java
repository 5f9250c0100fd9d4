package io.residuum.model.huggingface;

import io.residuum.model.ConfigObject;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how a {@code preprocessor_config.json} of transformers resizes and crops pictures. */
final class ProcessorResize {
    /** The numbers of Pillow. */
    private static final List<Filter> FILTERS =
            List.of(Filter.NEAREST, Filter.LANCZOS, Filter.BILINEAR, Filter.BICUBIC);

    /** From this size on, the processor of ConvNeXt neither keeps the aspect ratio nor crops. */
    private static final int WARPED = 384;

    private ProcessorResize() {}

    /** {@return the resizing; null if the file does not resize or says no size} */
    static @Nullable ImageResize of(ConfigObject file, int side) {
        if (!file.flag("do_resize", true) || !file.has("size")) {
            return null;
        }
        int number = file.integer("resample", FILTERS.indexOf(Filter.BILINEAR));
        file.must(
                "resample",
                number >= 0 && number < FILTERS.size(),
                "0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)");
        Filter filter = FILTERS.get(number);
        boolean crops = file.flag("do_center_crop", false);
        Optional<ConfigObject> size =
                file.isObject("size") ? file.object("size") : Optional.empty();
        boolean shortest = size.isPresent() ? size.get().has("shortest_edge") : crops;
        if (file.has("crop_pct")) {
            return side(file, "size", side) < WARPED
                    ? new ImageResize(file.number("crop_pct", 1), filter, false)
                    : new ImageResize(1, filter, true);
        }
        if (!crops) {
            return new ImageResize(1, filter, !shortest);
        }
        int resized = side(file, "size", side);
        int cropped = side(file, "crop_size", side);
        file.must("crop_size", cropped <= resized, "at most size, " + resized);
        return new ImageResize((double) cropped / resized, filter, !shortest);
    }

    /** {@return the height or the shorter side of a size, which is a number in old files} */
    private static int side(ConfigObject file, String key, int absent) {
        if (!file.isObject(key)) {
            return file.integer(key, absent);
        }
        return file.object(key)
                .map(o -> o.integer("shortest_edge", o.integer("height", absent)))
                .orElse(absent);
    }
}
