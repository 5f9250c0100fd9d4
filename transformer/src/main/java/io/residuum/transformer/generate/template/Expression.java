package io.residuum.transformer.generate.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression of a template. */
sealed interface Expression {

    /** A constant. */
    record Constant(@Nullable Object value) implements Expression {}

    /** The value of a variable. */
    record Name(String name) implements Expression {}

    /** A member by a key that is computed; an attribute has a constant key. */
    record Member(Expression of, Expression key, int line) implements Expression {}

    /** A part of a list or text. */
    record Slice(
            Expression of,
            @Nullable Expression from,
            @Nullable Expression to,
            @Nullable Expression step)
            implements Expression {}

    /** A call with arguments by position and by name. */
    record Call(Expression of, List<Expression> arguments, Map<String, Expression> named, int line)
            implements Expression {}

    /** A filter or, with {@code test}, a test of a value. */
    record Apply(
            Expression of,
            String name,
            boolean test,
            List<Expression> arguments,
            Map<String, Expression> named,
            int line)
            implements Expression {}

    /** {@code not}, or a minus sign. */
    record Unary(String operator, Expression of, int line) implements Expression {}

    /** An operator between two values. */
    record Binary(String operator, Expression left, Expression right, int line)
            implements Expression {}

    /** {@code then if condition else other}. */
    record Choice(Expression then, Expression condition, @Nullable Expression other)
            implements Expression {}

    /** A list. */
    record Sequence(List<Expression> items) implements Expression {}

    /** A dictionary. */
    record Dictionary(List<Expression> keys, List<Expression> values) implements Expression {}
}
