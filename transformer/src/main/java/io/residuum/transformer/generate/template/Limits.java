package io.residuum.transformer.generate.template;

import org.jspecify.annotations.Nullable;

/** Bounds the time, stack and memory of a template, which may come from a stranger. */
final class Limits {
    private static final long MOST_STEPS = 10_000_000;
    private static final int MOST_NESTED = 300;
    private static final long MOST_MADE = 40_000_000;

    private long steps;
    private long made;
    private int nested;

    /** Counts statements, passes of loops, expressions and items. */
    void step(long times) {
        steps += times;
        if (steps > MOST_STEPS) {
            throw new TemplateException(1, "must end after %d steps".formatted(MOST_STEPS));
        }
    }

    /** Begins a block, a macro or an expression inside of another. */
    void enter() {
        step(1);
        if (++nested > MOST_NESTED) {
            throw new TemplateException(
                    1,
                    "macros, blocks and expressions must be nested at most %d deep"
                            .formatted(MOST_NESTED));
        }
    }

    /** Ends what {@link #enter} began. */
    void leave() {
        nested--;
    }

    /** Counts a value that was made, or read whole. */
    @Nullable Object counted(@Nullable Object value) {
        long items = Values.items(value, 0);
        step(items);
        made += value instanceof String text ? text.length() : 0;
        boolean small = items <= Values.MOST && Values.characters(value) <= Values.MOST;
        if (!small || made > MOST_MADE) {
            throw new TemplateException(
                    1,
                    "must make texts and lists of at most %d, in all %d characters"
                            .formatted(Values.MOST, MOST_MADE));
        }
        return value;
    }

    /** Counts the time of a search for a text in another. */
    void search(@Nullable Object in, @Nullable Object text) {
        if (in instanceof String a && text instanceof String b) {
            step((long) a.length() * b.length() / 1000);
        }
    }
}
