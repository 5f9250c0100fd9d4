package io.residuum.vision.explain;

import io.residuum.vision.image.Image;

/**
 * A heat map of one image.
 *
 * @param map the importance of positions, in the size that the layer gives
 * @param view the image as the network sees it, before normalization
 * @param ofClass the class that is explained
 * @param probability the probability of this class, in [0, 1]
 * @param source the layer or layers that the map comes from, in words
 */
public record Explanation(
        HeatMap map, Image view, int ofClass, double probability, String source) {}
