package io.residuum.serve;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;

/**
 * The largest requests that a server accepts.
 *
 * @param bodyBytes the largest body in bytes, positive
 * @param imagePixels the largest number of pixels of an image, checked before it is decoded
 * @param samples the largest number of images, texts or prompts in a request
 * @param newTokens the largest number of tokens that a completion may ask for
 */
@WithBuilder
public record Limits(int bodyBytes, long imagePixels, int samples, int newTokens)
        implements LimitsBuilder.With {

    /** Bodies of 16 MiB, images of 2^24 pixels, 64 samples, 4096 tokens. */
    public static final Limits DEFAULT = new Limits(16 << 20, 1L << 24, 64, 4096);

    public Limits {
        Check.positive("bodyBytes", bodyBytes);
        Check.positive("imagePixels", imagePixels);
        Check.positive("samples", samples);
        Check.positive("newTokens", newTokens);
    }
}
