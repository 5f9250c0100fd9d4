package io.residuum.transformer.generate.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs statements and evaluates expressions. */
final class Renderer {
    private final Deque<Map<String, @Nullable Object>> scopes = new ArrayDeque<>();
    private StringBuilder out = new StringBuilder();
    private final Limits limits = new Limits();

    /** The end of a pass of a loop, or of the loop. */
    private enum Flow {
        NEXT,
        CONTINUE,
        BREAK
    }

    /** A function of a template. */
    private record Function(Statement.Macro macro) {}

    Renderer(Map<String, @Nullable Object> variables) {
        scopes.push(new HashMap<>(variables));
    }

    String render(List<Statement> statements) {
        run(statements);
        return out.toString();
    }

    private Flow run(List<Statement> statements) {
        limits.enter();
        for (Statement statement : statements) {
            Flow flow = run(statement);
            if (flow != Flow.NEXT) {
                limits.leave();
                return flow;
            }
        }
        limits.leave();
        return Flow.NEXT;
    }

    private Flow run(Statement statement) {
        limits.step(1);
        if (statement instanceof Statement.Text text) {
            append(text.text());
        } else if (statement instanceof Statement.Print print) {
            append(Values.text(value(print.value())));
        } else if (statement instanceof Statement.If choice) {
            for (int i = 0; i < choice.conditions().size(); i++) {
                if (Values.isTrue(value(choice.conditions().get(i)))) {
                    return run(choice.branches().get(i));
                }
            }
        } else if (statement instanceof Statement.For loop) {
            loop(loop);
        } else if (statement instanceof Statement.Assign assign) {
            assign(assign);
        } else if (statement instanceof Statement.Capture capture) {
            scope().put(capture.name(), captured(() -> run(capture.body())));
        } else if (statement instanceof Statement.Macro macro) {
            scope().put(macro.name(), new Function(macro));
        } else if (statement instanceof Statement.Leave leave) {
            return leave.loop() ? Flow.BREAK : Flow.CONTINUE;
        }
        return Flow.NEXT;
    }

    private void append(String text) {
        limits.counted(text);
        out.append(text);
    }

    private Map<String, @Nullable Object> scope() {
        return scopes.element();
    }

    private String captured(Runnable body) {
        StringBuilder outer = out;
        out = new StringBuilder();
        try {
            body.run();
            return out.toString();
        } finally {
            out = outer;
        }
    }

    private void assign(Statement.Assign assign) {
        Object value = value(assign.value());
        if (!assign.member().isEmpty()) {
            Object space = find(assign.names().get(0));
            if (!(space instanceof Namespace namespace)) {
                throw new TemplateException(
                        assign.line(),
                        "\"%s\" must be a namespace".formatted(assign.names().get(0)));
            }
            namespace.members().put(assign.member(), value);
            return;
        }
        bind(assign.names(), value, assign.line());
    }

    /** Members that a template may change in loops; it may hold itself. */
    static final class Namespace {
        private final Map<String, @Nullable Object> members;

        Namespace(Map<String, @Nullable Object> members) {
            this.members = members;
        }

        Map<String, @Nullable Object> members() {
            return members;
        }

        @Override
        public String toString() {
            return "<Namespace>";
        }
    }

    private void bind(List<String> names, @Nullable Object value, int line) {
        if (names.size() == 1) {
            scope().put(names.get(0), value);
            return;
        }
        List<Object> items = Values.items(value);
        if (items == null || items.size() != names.size()) {
            throw new TemplateException(
                    line, "must have a value for each of %s, got %s".formatted(names, value));
        }
        for (int i = 0; i < names.size(); i++) {
            scope().put(names.get(i), items.get(i));
        }
    }

    private void loop(Statement.For loop) {
        Object of = limits.counted(value(loop.items()));
        List<Object> items = Values.items(of);
        if (items == null) {
            throw new TemplateException(
                    loop.line(), "a loop must run over a list, got " + Values.text(of));
        }
        Expression condition = loop.condition();
        if (condition != null) {
            List<Object> kept = new ArrayList<>();
            for (Object item : items) {
                limits.step(1);
                scopes.push(new HashMap<>());
                bind(loop.names(), item, loop.line());
                boolean keep = Values.isTrue(value(condition));
                scopes.pop();
                if (keep) {
                    kept.add(item);
                }
            }
            items = kept;
        }
        if (items.isEmpty()) {
            run(loop.otherwise());
            return;
        }
        for (int i = 0; i < items.size(); i++) {
            limits.step(1);
            scopes.push(new HashMap<>());
            scope().put("loop", state(items, i));
            bind(loop.names(), items.get(i), loop.line());
            Flow flow = run(loop.body());
            scopes.pop();
            if (flow == Flow.BREAK) {
                return;
            }
        }
    }

    private static Map<String, @Nullable Object> state(List<Object> items, int i) {
        Map<String, @Nullable Object> state = new HashMap<>();
        int last = items.size() - 1;
        state.put("index", (long) i + 1);
        state.put("index0", (long) i);
        state.put("revindex", (long) last - i + 1);
        state.put("revindex0", (long) last - i);
        state.put("first", i == 0);
        state.put("last", i == last);
        state.put("length", (long) items.size());
        state.put("previtem", i == 0 ? Values.UNDEFINED : items.get(i - 1));
        state.put("nextitem", i == last ? Values.UNDEFINED : items.get(i + 1));
        return state;
    }

    private @Nullable Object find(String name) {
        for (Map<String, @Nullable Object> scope : scopes) {
            if (scope.containsKey(name)) {
                return scope.get(name);
            }
        }
        return Values.UNDEFINED;
    }

    private @Nullable Object value(Expression expression) {
        if (expression instanceof Expression.Constant constant) {
            return constant.value();
        }
        if (expression instanceof Expression.Name name) {
            return find(name.name());
        }
        limits.enter();
        Object value = computed(expression);
        limits.leave();
        return expression instanceof Expression.Member ? value : limits.counted(value);
    }

    private @Nullable Object computed(Expression expression) {
        if (expression instanceof Expression.Member member) {
            return Operations.member(value(member.of()), value(member.key()), member.line());
        }
        if (expression instanceof Expression.Slice slice) {
            return Operations.slice(
                    value(slice.of()),
                    valueOrNull(slice.from()),
                    valueOrNull(slice.to()),
                    valueOrNull(slice.step()));
        }
        if (expression instanceof Expression.Call call) {
            return call(call);
        }
        if (expression instanceof Expression.Apply apply) {
            List<@Nullable Object> arguments = values(apply.arguments());
            Map<String, @Nullable Object> named = named(apply.named());
            Object of = value(apply.of());
            limits.counted(of);
            arguments.forEach(argument -> limits.search(of, argument));
            return apply.test()
                    ? Filters.test(apply.name(), of, arguments, apply.line())
                    : Filters.filter(apply.name(), of, arguments, named, apply.line());
        }
        if (expression instanceof Expression.Unary unary) {
            Object of = value(unary.of());
            return unary.operator().equals("not")
                    ? (Object) !Values.isTrue(of)
                    : Operations.binary("-", 0L, of, unary.line());
        }
        if (expression instanceof Expression.Binary binary) {
            return binary(binary);
        }
        if (expression instanceof Expression.Choice choice) {
            boolean holds = Values.isTrue(value(choice.condition()));
            Expression other = choice.other();
            return holds ? value(choice.then()) : other == null ? Values.UNDEFINED : value(other);
        }
        if (expression instanceof Expression.Sequence list) {
            return values(list.items());
        }
        Expression.Dictionary dictionary = (Expression.Dictionary) expression;
        Map<String, @Nullable Object> made = new LinkedHashMap<>();
        for (int i = 0; i < dictionary.keys().size(); i++) {
            made.put(
                    Values.text(value(dictionary.keys().get(i))),
                    value(dictionary.values().get(i)));
        }
        return made;
    }

    private @Nullable Object valueOrNull(@Nullable Expression expression) {
        return expression == null ? null : value(expression);
    }

    private List<@Nullable Object> values(List<Expression> expressions) {
        List<@Nullable Object> values = new ArrayList<>();
        expressions.forEach(e -> values.add(value(e)));
        return values;
    }

    private Map<String, @Nullable Object> named(Map<String, Expression> expressions) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        expressions.forEach((name, e) -> values.put(name, value(e)));
        return values;
    }

    private @Nullable Object binary(Expression.Binary binary) {
        Object left = value(binary.left());
        return switch (binary.operator()) {
            case "and" -> Values.isTrue(left) ? value(binary.right()) : left;
            case "or" -> Values.isTrue(left) ? left : value(binary.right());
            default -> {
                Object right = value(binary.right());
                limits.counted(left);
                limits.counted(right);
                if (binary.operator().equals("in")) {
                    limits.search(right, left);
                }
                yield Operations.binary(binary.operator(), left, right, binary.line());
            }
        };
    }

    private @Nullable Object call(Expression.Call call) {
        List<@Nullable Object> arguments = values(call.arguments());
        Map<String, @Nullable Object> named = named(call.named());
        if (call.of() instanceof Expression.Member member
                && member.key() instanceof Expression.Constant key
                && key.value() instanceof String name) {
            Object of = value(member.of());
            limits.counted(of);
            arguments.forEach(argument -> limits.search(of, argument));
            return Operations.method(of, name, arguments, call.line());
        }
        if (call.of() instanceof Expression.Name name) {
            Object found = find(name.name());
            if (found instanceof Function function) {
                return expand(function.macro(), arguments, named);
            }
            Object first = arguments.isEmpty() ? Values.UNDEFINED : arguments.get(0);
            switch (name.name()) {
                case "namespace" -> {
                    return new Namespace(named);
                }
                case "dict" -> {
                    return named;
                }
                case "range" -> {
                    return Operations.range(arguments, call.line());
                }
                case "raise_exception" -> {
                    throw new TemplateException(
                            call.line(), "refuses the chat: " + Values.text(first));
                }
                case "strftime_now" -> {
                    return Operations.now(Values.text(first), call.line());
                }
                default ->
                        throw new TemplateException(
                                call.line(),
                                "must call a macro, namespace, dict, range, raise_exception or"
                                        + " strftime_now, got \"%s\"".formatted(name.name()));
            }
        }
        throw new TemplateException(call.line(), "must call a function by its name");
    }

    private String expand(
            Statement.Macro macro,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        Map<String, @Nullable Object> bound = new HashMap<>();
        for (int i = 0; i < macro.parameters().size(); i++) {
            String parameter = macro.parameters().get(i);
            Expression absent = macro.defaults().get(parameter);
            bound.put(
                    parameter,
                    i < arguments.size()
                            ? arguments.get(i)
                            : named.containsKey(parameter)
                                    ? named.get(parameter)
                                    : absent == null ? Values.UNDEFINED : value(absent));
        }
        scopes.push(bound);
        try {
            return captured(() -> run(macro.body()));
        } finally {
            scopes.pop();
        }
    }
}
