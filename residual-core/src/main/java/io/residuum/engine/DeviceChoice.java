package io.residuum.engine;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A choice of the device to run on.
 *
 * @param kind CPU, GPU, or a GPU if there is one
 * @param index the number of the GPU, from 0; 0 for other kinds
 */
public record DeviceChoice(Kind kind, int index) {

    private static final Pattern GPU = Pattern.compile("(?:gpu|cuda)(?::(\\d{1,3}))?");

    /** The kinds of device. */
    public enum Kind {
        /** The processor. */
        CPU,
        /** A graphics processor. */
        GPU,
        /** A GPU if there is one, else the CPU. */
        AUTO
    }

    /** The processor. */
    public static final DeviceChoice CPU = new DeviceChoice(Kind.CPU, 0);

    /** A GPU if there is one, else the CPU. */
    public static final DeviceChoice AUTO = new DeviceChoice(Kind.AUTO, 0);

    /**
     * {@return the choice that a text names}
     *
     * @param text {@code cpu}, {@code gpu}, {@code gpu:N} or {@code auto}, in any case; {@code
     *     cuda} means {@code gpu}, as in PyTorch
     * @throws IllegalArgumentException if the text is none of these
     */
    public static DeviceChoice of(String text) {
        String t = text.toLowerCase(Locale.ROOT);
        if (t.equals("cpu")) {
            return CPU;
        }
        if (t.equals("auto")) {
            return AUTO;
        }
        Matcher gpu = GPU.matcher(t);
        if (!gpu.matches()) {
            throw new IllegalArgumentException(
                    "device must be cpu, gpu, gpu:N or auto, got \"" + text + "\"");
        }
        return new DeviceChoice(
                Kind.GPU, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
    }
}
