package io.residuum.weights.dialect;

import io.residuum.nn.trait.AttentionHeads;
import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The size of an axis in a rearrangement: a number, or a number of the attention layer that owns
 * the parameter. In JSON, a number or a string.
 *
 * @param text a number, {@code heads}, {@code kvHeads} or {@code headWidth}
 */
public record AxisSize(String text) {
    private static final Map<String, ToLongFunction<AttentionHeads>> OF_ATTENTION =
            Map.of(
                    "heads", AttentionHeads::heads,
                    "kvHeads", AttentionHeads::kvHeads,
                    "headWidth", AttentionHeads::headWidth);

    public AxisSize {
        Check.that(
                OF_ATTENTION.containsKey(text) || text.matches("[1-9]\\d{0,8}"),
                "the size of an axis must be a positive number, heads, kvHeads or headWidth, got"
                        + " \"%s\"",
                text);
    }

    /** {@return a fixed size} */
    @Shorthand
    public static AxisSize of(int size) {
        return new AxisSize(Integer.toString(size));
    }

    /**
     * {@return a size of an attention layer}
     *
     * @param name {@code heads}, {@code kvHeads} or {@code headWidth}
     */
    @Shorthand
    public static AxisSize of(String name) {
        return new AxisSize(name);
    }

    /**
     * {@return the size for a parameter of an attention layer; null if it needs one and has none}
     */
    @Nullable Long in(@Nullable AttentionHeads attention) {
        ToLongFunction<AttentionHeads> size = OF_ATTENTION.get(text);
        if (size == null) {
            return Long.valueOf(text);
        }
        return attention == null ? null : size.applyAsLong(attention);
    }
}
