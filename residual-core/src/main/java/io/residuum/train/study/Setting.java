package io.residuum.train.study;

import org.jspecify.annotations.Nullable;

/**
 * The value that a variant has where the study file has alternatives or a range.
 *
 * @param path the place in the study file, such as {@code recipe.learningRate}
 * @param value the name of the alternative, or the number that was drawn
 * @param range the range of a number; null for an alternative
 */
public record Setting(String path, String value, @Nullable Range range) {

    /** {@return the last key of the path} */
    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
