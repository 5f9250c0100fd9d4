package io.residuum.weights;

import io.residuum.json.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A machine for the pickles that hold tensors, dictionaries and plain values.
 *
 * <p>It makes Java data and calls nothing: a name that a pickle refers to must be in the table of
 * {@link TorchGlobals}, and whatever else a pickle may ask Python for is refused. Python's values
 * become {@link String}, {@link Long}, {@link java.math.BigInteger}, {@link Double}, {@link
 * Boolean}, {@code byte[]}, {@link #NONE}, {@link PickleDict}, a list that can grow (lists, sets)
 * or one that cannot (tuples), {@link PickleGlobal}, and what its makers make. Containers may hold
 * themselves: they must not be compared, hashed or printed. Every step is charged to the budget,
 * and nothing recurses.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">The opcodes</a>
 */
final class Pickle {
    /** Python's None. */
    static final Object NONE = new Object();

    private static final int PROTOCOLS = 5;

    private final PickleInput in;
    private final Function<String, @Nullable PickleGlobal> globals;
    private final Function<Object, Object> persistent;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final ArrayList<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private Pickle(
            PickleInput in,
            Function<String, @Nullable PickleGlobal> globals,
            Function<Object, Object> persistent) {
        this.in = in;
        this.globals = globals;
        this.persistent = persistent;
    }

    /** Reads a pickle of plain values only. */
    static Object read(PickleInput in) {
        return read(
                in,
                name -> null,
                id -> {
                    throw new IllegalArgumentException("no storage may stand here");
                });
    }

    /**
     * Reads a pickle and leaves the input behind it.
     *
     * @param globals the names that it may refer to
     * @param persistent what persistent identifiers stand for
     */
    static Object read(
            PickleInput in,
            Function<String, @Nullable PickleGlobal> globals,
            Function<Object, Object> persistent) {
        return new Pickle(in, globals, persistent).run();
    }

    private Object run() {
        while (true) {
            in.charge(MemoryBudget.OBJECT);
            int opcode = in.u8();
            if (opcode == '.') {
                Object result = pop();
                if (!stack.isEmpty() || !marks.isEmpty()) {
                    throw in.error("a pickle must end with one value, found more");
                }
                return result;
            }
            try {
                if (!constant(opcode) && !container(opcode) && !reference(opcode)) {
                    throw in.error("refused opcode 0x%02x".formatted(opcode));
                }
            } catch (IllegalArgumentException e) {
                throw in.error(String.valueOf(e.getMessage()));
            }
        }
    }

    private boolean constant(int opcode) {
        switch (opcode) {
            case 0x80 -> protocol(in.u8()); // PROTO
            case 0x95 -> in.checkFrame(in.i64()); // FRAME
            case 'N' -> push(NONE);
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'I' -> push(intOrBool());
            case 'L' -> push(in.decimal()); // LONG
            case 'J' -> push((long) in.i32()); // BININT
            case 'K' -> push((long) in.u8()); // BININT1
            case 'M' -> push((long) in.u16()); // BININT2
            case 0x8a -> push(in.integer(in.u8())); // LONG1
            case 0x8b -> push(in.integer(in.length32())); // LONG4
            case 'F' -> push(decimalFloat());
            case 'G' -> push(in.f64()); // BINFLOAT
            case 'U', 0x8c -> push(in.text(in.u8())); // SHORT_BINSTRING, SHORT_BINUNICODE
            case 'T', 'X' -> push(in.text(in.length32())); // BINSTRING, BINUNICODE
            case 0x8d -> push(in.text(in.length64())); // BINUNICODE8
            case 'C' -> push(in.bytes(in.u8())); // SHORT_BINBYTES
            case 'B' -> push(in.bytes(in.length32())); // BINBYTES
            case 0x8e, 0x96 -> push(in.bytes(in.length64())); // BINBYTES8, BYTEARRAY8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int opcode) {
        switch (opcode) {
            case '(' -> marks.add(stack.size()); // MARK
            case ')' -> push(List.of()); // EMPTY_TUPLE
            case 't' -> push(tuple(mark())); // TUPLE
            case 0x85 -> push(tuple(below(1))); // TUPLE1
            case 0x86 -> push(tuple(below(2))); // TUPLE2
            case 0x87 -> push(tuple(below(3))); // TUPLE3
            case ']', 0x8f -> push(new ArrayList<>()); // EMPTY_LIST, EMPTY_SET
            case 'l' -> push(new ArrayList<>(cut(mark()))); // LIST
            case 0x91 -> push(tuple(mark())); // FROZENSET
            case 'a' -> append(below(1)); // APPEND
            case 'e', 0x90 -> append(mark()); // APPENDS, ADDITEMS
            case '}' -> push(new PickleDict()); // EMPTY_DICT
            case 'd' -> { // DICT
                int from = mark();
                stack.add(from, new PickleDict());
                setItems(from + 1);
            }
            case 's' -> setItems(below(2)); // SETITEM
            case 'u' -> setItems(mark()); // SETITEMS
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean reference(int opcode) {
        switch (opcode) {
            case '0' -> discard(); // POP
            case '1' -> cut(mark()); // POP_MARK
            case '2' -> push(top()); // DUP
            case 'p' -> memo.put(memoIndex(in.decimal()), top()); // PUT
            case 'q' -> memo.put(in.u8(), top()); // BINPUT
            case 'r' -> memo.put(in.i32(), top()); // LONG_BINPUT
            case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
            case 'g' -> push(recall(memoIndex(in.decimal()))); // GET
            case 'h' -> push(recall(in.u8())); // BINGET
            case 'j' -> push(recall(in.i32())); // LONG_BINGET
            case 'Q' -> push(persistent.apply(pop())); // BINPERSID
            case 'c' -> push(global(in.line(), in.line())); // GLOBAL
            case 0x93 -> { // STACK_GLOBAL
                int from = below(2);
                Object module = stack.get(from);
                Object name = stack.get(from + 1);
                cut(from);
                push(global(text(module), text(name)));
            }
            case 'i' -> throw refused(in.line(), in.line()); // INST
            case 'R', 0x81 -> call(); // REDUCE, NEWOBJ
            case 'b' -> build(); // BUILD
            case 0x82, 0x83, 0x84 -> // EXT1, EXT2, EXT4
                    throw in.error("refused an extension code: what it calls is not in the file");
            default -> {
                return false;
            }
        }
        return true;
    }

    private void protocol(int version) {
        if (version > PROTOCOLS) {
            throw in.error(
                    "a pickle's protocol must be at most %d, found %d"
                            .formatted(PROTOCOLS, version));
        }
    }

    private Object intOrBool() {
        int start = in.position();
        Object value = in.decimal();
        // "00" and "01" are how protocol 1 says false and true.
        boolean bool = in.position() - start == 3 && value instanceof Long v && (v == 0 || v == 1);
        return bool ? (Object) value.equals(1L) : value;
    }

    private double decimalFloat() {
        String line = in.line();
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw in.error("a number must stand here, found " + JsonText.quote(line));
        }
    }

    private String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw in.error("the name of a module or of something in it must be text");
    }

    private PickleGlobal global(String module, String name) {
        PickleGlobal known = globals.apply(module + " " + name);
        if (known == null) {
            throw refused(module, name);
        }
        return known;
    }

    private WeightsException refused(String module, String name) {
        return in.error(
                "refused "
                        + JsonText.quote(module + "." + name)
                        + ": a file of weights may hold tensors, dictionaries and plain values"
                        + " only; if it holds a whole model, save model.state_dict() instead");
    }

    private void call() {
        Object arguments = pop();
        Object callee = pop();
        if (!(callee instanceof PickleGlobal global) || !isTuple(arguments)) {
            throw in.error("refused a call of something other than a known name with a tuple");
        }
        @SuppressWarnings("unchecked")
        List<Object> tuple = (List<Object>) arguments;
        push(global.maker().make(tuple, in));
    }

    // The attributes of a dictionary or of what nobody asks for change no weights.
    private void build() {
        discard();
        if (!(top() instanceof PickleDict || top() instanceof PickleGlobal.Opaque)) {
            throw in.error("refused to set attributes of something other than data");
        }
    }

    static boolean isTuple(Object value) {
        return value instanceof List && !(value instanceof ArrayList);
    }

    private void append(int from) {
        List<Object> items = stack.subList(from, stack.size());
        Object target = under(from);
        if (target instanceof ArrayList) {
            @SuppressWarnings("unchecked")
            ArrayList<Object> list = (ArrayList<Object>) target;
            list.addAll(items);
        } else if (!(target instanceof PickleGlobal.Opaque)) {
            throw in.error("items can be added to lists and sets only");
        }
        items.clear();
    }

    private void setItems(int from) {
        List<Object> items = stack.subList(from, stack.size());
        if (!(under(from) instanceof PickleDict dict) || items.size() % 2 != 0) {
            throw in.error("pairs of key and value can be put into dictionaries only");
        }
        in.charge((long) MemoryBudget.OBJECT * items.size() / 2);
        for (int i = 0; i < items.size(); i += 2) {
            dict.put(items.get(i), items.get(i + 1));
        }
        items.clear();
    }

    private Object under(int from) {
        if (from <= floor()) {
            throw in.error("the stack is empty");
        }
        return stack.get(from - 1);
    }

    private Object recall(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw in.error("nothing was remembered under " + Integer.toUnsignedString(index));
        }
        return value;
    }

    private int memoIndex(Object index) {
        if (index instanceof Long value && value >= 0 && value <= Integer.MAX_VALUE) {
            return value.intValue();
        }
        throw in.error("an index of 31 bits must stand here");
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private int mark() {
        if (marks.isEmpty()) {
            throw in.error("no mark is on the stack");
        }
        return marks.remove(marks.size() - 1);
    }

    private int below(int count) {
        if (stack.size() - floor() < count) {
            throw in.error("the stack is empty");
        }
        return stack.size() - count;
    }

    private List<Object> tuple(int from) {
        return List.copyOf(cut(from));
    }

    private List<Object> cut(int from) {
        List<Object> items = stack.subList(from, stack.size());
        List<Object> copy = List.copyOf(items);
        items.clear();
        return copy;
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object top() {
        return stack.get(below(1));
    }

    private Object pop() {
        return stack.remove(below(1));
    }

    private void discard() {
        stack.remove(below(1));
    }
}
