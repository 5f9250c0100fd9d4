package io.residuum.vision.efficientnet;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import io.residuum.spec.SpecException;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Equal blocks in a stage of an {@link EfficientNet}. In JSON it may be a text in the notation of
 * MnasNet's code, such as {@code ir_r2_k5_s2_e6_c40_se0.25}: the kind, and the letters r (repeats),
 * k (kernel), a (start kernel), s (stride), e (expansion), c (channels), se (squeeze-excitation),
 * gs (group width), n (activation: re, r6, hs, sw, mi) and noskip or skip. {@code k3.5.7} has a
 * kernel for each third of the channels; {@code a1.1} and {@code p1.1} split the expansion and the
 * projection in halves.
 *
 * @param kind the kind of block
 * @param repeats the number of blocks. Default: 1
 * @param kernel the window of the depthwise, fused or plain convolution; 0 for no depthwise
 *     convolution in universal blocks. Default: 3
 * @param stride the stride of the first block. Default: 1
 * @param expansion the hidden width by the input width. Default: 1
 * @param channels the output channels
 * @param squeezeExcitation the hidden width of squeeze-excitation, as a share of the channels that
 *     {@link BlockSettings} names; 0 for none. Default: 0
 * @param skip false for no shortcut around blocks that keep the shape. Default: true
 * @param activation the activation. Default: that of the network
 * @param kernels the windows of the depthwise convolutions of equal shares of the channels (Tan and
 *     Le 2019, arXiv:1907.09595); empty for one of {@code kernel}. Default: empty
 * @param expandKernels as {@code kernels}, for the convolutions that expand. Default: empty
 * @param projectKernels as {@code kernels}, for the convolutions that project. Default: empty
 * @param startKernel the window of a depthwise convolution before the expansion of universal
 *     blocks; 0 for none. Default: 0
 * @param groupWidth the channels in one group of the fused or depthwise convolution, a divisor of
 *     the hidden width; 0 for one group of fused and depthwise others. Default: 0
 */
@WithBuilder
public record BlockRow(
        Kind kind,
        @Default("1") int repeats,
        @Default("3") int kernel,
        @Default("1") int stride,
        @Default("1.0") double expansion,
        int channels,
        @Default("0.0") double squeezeExcitation,
        @Default("true") boolean skip,
        @Nullable ActivationSpec activation,
        @Default("[]") List<Integer> kernels,
        @Default("[]") List<Integer> expandKernels,
        @Default("[]") List<Integer> projectKernels,
        @Default("0") int startKernel,
        @Default("0") int groupWidth)
        implements BlockRowBuilder.With {

    /** The kinds of blocks. */
    public enum Kind {
        /** A 1x1 expansion, a depthwise convolution, a 1x1 projection (Sandler et al. 2018). */
        INVERTED,
        /** A depthwise convolution and a 1x1 projection (Howard et al. 2017). */
        SEPARABLE,
        /** As separable, with an activation after the projection (MobileNetV1). */
        SEPARABLE_ACTIVATED,
        /** A full convolution that expands, and a 1x1 projection (Gupta and Tan 2019). */
        FUSED,
        /** A convolution. */
        CONVOLUTION,
        /**
         * As inverted, with a depthwise convolution before the expansion ({@code startKernel}),
         * each of the two optional (Qin et al. 2024, arXiv:2404.10518, Section 4).
         */
        UNIVERSAL
    }

    private static final Map<String, Kind> KINDS =
            Map.of(
                    "ir", Kind.INVERTED,
                    "ds", Kind.SEPARABLE,
                    "dsa", Kind.SEPARABLE_ACTIVATED,
                    "er", Kind.FUSED,
                    "uir", Kind.UNIVERSAL,
                    "cn", Kind.CONVOLUTION);

    private static final Map<String, ActivationSpec> ACTIVATIONS =
            Map.of(
                    "re", ActivationSpec.RELU,
                    "r6", new ActivationSpec.Relu6(),
                    "hs", new ActivationSpec.HardSwish(),
                    "sw", new ActivationSpec.Silu(),
                    "mi", new ActivationSpec.Mish());

    private static final Pattern SEVERAL = Pattern.compile("([akp])([0-9]+(?:\\.[0-9]+)+)");

    private static final Pattern SETTING =
            Pattern.compile("(r|k|s|e|c|se|gs|a)([0-9]+(?:\\.[0-9]+)?)");

    public BlockRow {
        Check.depth("repeats", repeats);
        boolean universal = kind == Kind.UNIVERSAL;
        Check.that(
                kernel > 0 || (universal && kernel == 0),
                "kernel must be positive, or 0 in universal blocks, got %s",
                kernel);
        Check.that(
                startKernel == 0 || (universal && startKernel > 0 && startKernel % 2 == 1),
                "startKernel must be odd or 0 in universal blocks, and 0 in others, got %s",
                startKernel);
        Check.that(
                stride == 1 || kernel + startKernel > 0,
                "stride must be 1 in blocks without depthwise convolutions, got %s",
                stride);
        kernels = kernels(kind, "kernels", kernels);
        Check.that(
                kernels.isEmpty() || kernel == 3,
                "kernel must be left out beside kernels, got %s and %s",
                kernel,
                kernels);
        expandKernels = kernels(kind, "expandKernels", expandKernels);
        projectKernels = kernels(kind, "projectKernels", projectKernels);
        Check.that(
                groupWidth == 0
                        || (groupWidth > 0
                                && kernels.isEmpty()
                                && kind != Kind.CONVOLUTION
                                && !universal),
                "groupWidth must be positive or 0 in blocks with one fused or depthwise"
                        + " convolution, and 0 in others, got %s",
                groupWidth);
        Check.positive("stride", stride);
        Check.positive("expansion", expansion);
        Check.positive("channels", channels);
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        Check.that(
                squeezeExcitation == 0 || kind != Kind.CONVOLUTION,
                "squeezeExcitation must be 0 in blocks of one convolution, got %s",
                squeezeExcitation);
        Check.that(
                expansion == 1 || universal || kind == Kind.INVERTED || kind == Kind.FUSED,
                "expansion must be 1 in %s blocks, got %s; use inverted or fused",
                kind.name().toLowerCase(Locale.ROOT),
                expansion);
    }

    private static List<Integer> kernels(Kind kind, String key, List<Integer> kernels) {
        Check.that(
                kernels.isEmpty() || kind == Kind.INVERTED,
                "%s must be empty in %s blocks, got %s; use inverted",
                key,
                kind.name().toLowerCase(Locale.ROOT),
                kernels);
        Check.that(
                kernels.stream().allMatch(k -> k > 0 && k % 2 == 1),
                "%s must be odd, got %s",
                key,
                kernels);
        return List.copyOf(kernels);
    }

    /** {@return true if the hidden width differs from that of the input} */
    boolean expands() {
        return kind == Kind.INVERTED || kind == Kind.FUSED || kind == Kind.UNIVERSAL;
    }

    /**
     * {@return the blocks of a text}
     *
     * @param text such as {@code ir_r2_k5_s2_e6_c40_se0.25}
     */
    @Shorthand
    public static BlockRow of(String text) {
        String[] words = text.split("_");
        Kind kind = KINDS.get(words[0]);
        if (kind == null) {
            throw invalid(text, words[0], "one of cn, ds, dsa, er, ir, uir");
        }
        BlockRowBuilder row =
                Defaults.fill(BlockRowBuilder.builder())
                        .kind(kind)
                        .skip(kind != Kind.CONVOLUTION && kind != Kind.SEPARABLE_ACTIVATED);
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            Matcher several = SEVERAL.matcher(word);
            Matcher setting = SETTING.matcher(word);
            if (several.matches()) {
                several(row, several);
            } else if (setting.matches()) {
                set(row, setting.group(1), setting.group(2));
            } else if (word.equals("skip") || word.equals("noskip")) {
                row.skip(word.equals("skip"));
            } else if (word.startsWith("n") && ACTIVATIONS.containsKey(word.substring(1))) {
                row.activation(ACTIVATIONS.get(word.substring(1)));
            } else {
                throw invalid(
                        text, word, "r, k, s, e, c, se or gs with a number, nre, skip or noskip");
            }
        }
        return row.build();
    }

    private static void set(BlockRowBuilder row, String letter, String number) {
        switch (letter) {
            case "e" -> row.expansion(Double.parseDouble(number));
            case "se" -> row.squeezeExcitation(Double.parseDouble(number));
            case "r" -> row.repeats(whole(letter, number));
            case "a" -> row.startKernel(whole(letter, number));
            case "gs" -> row.groupWidth(whole(letter, number));
            case "k" -> row.kernel(whole(letter, number));
            case "s" -> row.stride(whole(letter, number));
            default -> row.channels(whole(letter, number));
        }
    }

    private static void several(BlockRowBuilder row, Matcher word) {
        String letter = word.group(1);
        List<Integer> sizes =
                Arrays.stream(word.group(2).split("\\.")).map(n -> whole(letter, n)).toList();
        switch (letter) {
            case "a" -> row.expandKernels(sizes);
            case "p" -> row.projectKernels(sizes);
            default -> row.kernels(sizes);
        }
    }

    private static int whole(String letter, String number) {
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException e) {
            throw new SpecException(
                    "%s of a block must be a whole number, got %s".formatted(letter, number), e);
        }
    }

    private static SpecException invalid(String text, String word, String accepted) {
        return new SpecException(
                "a block must have %s, got \"%s\" in \"%s\"".formatted(accepted, word, text));
    }
}
