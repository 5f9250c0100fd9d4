package io.residuum.transformer.generate.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A statement of a template. */
sealed interface Statement {

    /** Text as it is. */
    record Text(String text) implements Statement {}

    /** The text of a value. */
    record Print(Expression value) implements Statement {}

    /** The first branch whose condition holds; the last may have the condition true. */
    record If(List<Expression> conditions, List<List<Statement>> branches) implements Statement {}

    /** A loop over those items of a value that fulfil a condition. */
    record For(
            List<String> names,
            Expression items,
            @Nullable Expression condition,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    /** An assignment to a variable, or to a member of a namespace. */
    record Assign(List<String> names, String member, Expression value, int line)
            implements Statement {}

    /** An assignment of the text of statements. */
    record Capture(String name, List<Statement> body) implements Statement {}

    /** A definition of a function. */
    record Macro(
            String name,
            List<String> parameters,
            Map<String, Expression> defaults,
            List<Statement> body)
            implements Statement {}

    /** The end of a pass of a loop, or of the loop. */
    record Leave(boolean loop) implements Statement {}
}
