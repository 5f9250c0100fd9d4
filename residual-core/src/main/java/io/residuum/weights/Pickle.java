package io.residuum.weights;

import io.residuum.json.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A reader of pickles that hold tensors, dictionaries and plain values.
 *
 * <p>It makes Java data and executes no Python: the names that {@link TorchGlobals} knows make
 * data, and all other classes and functions make placeholders. Values become {@link String}, {@link
 * Long}, {@link java.math.BigInteger}, {@link Double}, {@link Boolean}, {@code byte[]}, {@link
 * #NONE}, {@link PickleDict}, {@link ArrayList} (lists, sets), immutable lists (tuples), {@link
 * PickleGlobal} and results of its makers. Containers may contain themselves, so never compare,
 * hash or print them. Every step is charged to the memory budget, and nothing recurses.
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

    /** Reads a pickle of plain values. */
    static Object read(PickleInput in) {
        return read(
                in,
                name -> null,
                id -> {
                    throw new IllegalArgumentException("a storage is not allowed here");
                });
    }

    /**
     * Reads one pickle. The input is then at the byte after it.
     *
     * @param globals returns the meaning of a name, or null to refuse it
     * @param persistent returns the meaning of a persistent identifier
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
            case 0x85 -> push(tuple(fromTop(1))); // TUPLE1
            case 0x86 -> push(tuple(fromTop(2))); // TUPLE2
            case 0x87 -> push(tuple(fromTop(3))); // TUPLE3
            case ']', 0x8f -> push(new ArrayList<>()); // EMPTY_LIST, EMPTY_SET
            case 'l' -> push(new ArrayList<>(popFrom(mark()))); // LIST
            case 0x91 -> push(tuple(mark())); // FROZENSET
            case 'a' -> append(fromTop(1)); // APPEND
            case 'e', 0x90 -> append(mark()); // APPENDS, ADDITEMS
            case '}' -> push(new PickleDict()); // EMPTY_DICT
            case 'd' -> { // DICT
                int from = mark();
                stack.add(from, new PickleDict());
                setItems(from + 1);
            }
            case 's' -> setItems(fromTop(2)); // SETITEM
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
            case '1' -> popFrom(mark()); // POP_MARK
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
                int from = fromTop(2);
                Object module = stack.get(from);
                Object name = stack.get(from + 1);
                popFrom(from);
                push(global(text(module), text(name)));
            }
            case 'R', 0x81 -> call(); // REDUCE, NEWOBJ
            case 0x92 -> { // NEWOBJ_EX
                discard();
                call();
            }
            case 'i' -> instance(mark(), global(in.line(), in.line())); // INST
            case 'o' -> { // OBJ
                int from = mark();
                if (from >= stack.size() || !(stack.remove(from) instanceof PickleGlobal type)) {
                    throw in.error("refused an object without a known class");
                }
                instance(from, type);
            }
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
        // Protocol 1 writes false and true as "00" and "01".
        boolean bool = in.position() - start == 3 && value instanceof Long v && (v == 0 || v == 1);
        return bool ? (Object) value.equals(1L) : value;
    }

    private double decimalFloat() {
        String line = in.line();
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw in.error("a number is expected, found " + JsonText.quote(line));
        }
    }

    private String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw in.error("the names of a module and its member must be text");
    }

    private PickleGlobal global(String module, String name) {
        PickleGlobal known = globals.apply(module + " " + name);
        if (known == null) {
            throw refused(module, name);
        }
        in.charge(MemoryBudget.OBJECT);
        return known;
    }

    private WeightsException refused(String module, String name) {
        return in.error(
                "refused "
                        + JsonText.quote(module + "." + name)
                        + ": it runs code when Python reads the file; a weight file needs only"
                        + " tensors, dictionaries and plain values");
    }

    private void call() {
        Object arguments = pop();
        Object callee = pop();
        if (callee instanceof PickleGlobal.Opaque && isTuple(arguments)) {
            // A method that getattr found, such as ZoneInfo._unpickle.
            push(callee);
            return;
        }
        if (!(callee instanceof PickleGlobal global) || !isTuple(arguments)) {
            throw in.error(
                    "refused a call that does not have a known name with a tuple of arguments");
        }
        @SuppressWarnings("unchecked")
        List<Object> tuple = (List<Object>) arguments;
        push(global.maker().make(tuple, in));
    }

    /** Creates an object from the arguments from a position to the top of the stack. */
    private void instance(int from, PickleGlobal type) {
        push(type.maker().make(tuple(from), in));
    }

    // Attributes of dictionaries and opaque values change no weights.
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
        Object target = targetBelow(from);
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
        Object target = targetBelow(from);
        boolean opaque = target instanceof PickleGlobal.Opaque;
        if (!(opaque || target instanceof PickleDict) || items.size() % 2 != 0) {
            throw in.error("key-value pairs can be put into dictionaries only");
        }
        if (target instanceof PickleDict dict) {
            in.charge((long) MemoryBudget.OBJECT * items.size() / 2);
            for (int i = 0; i < items.size(); i += 2) {
                dict.put(items.get(i), items.get(i + 1));
            }
        }
        items.clear();
    }

    private Object targetBelow(int from) {
        if (from <= floor()) {
            throw in.error("the stack is empty");
        }
        return stack.get(from - 1);
    }

    private Object recall(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw in.error(
                    "the memo must have an entry "
                            + Integer.toUnsignedString(index)
                            + ", found none");
        }
        return value;
    }

    private int memoIndex(Object index) {
        if (index instanceof Long value && value >= 0 && value <= Integer.MAX_VALUE) {
            return value.intValue();
        }
        throw in.error("a memo index must have 31 bits");
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private int mark() {
        if (marks.isEmpty()) {
            throw in.error("the stack must hold a mark, found none");
        }
        return marks.remove(marks.size() - 1);
    }

    private int fromTop(int count) {
        if (stack.size() - floor() < count) {
            throw in.error("the stack is empty");
        }
        return stack.size() - count;
    }

    private List<Object> tuple(int from) {
        return List.copyOf(popFrom(from));
    }

    private List<Object> popFrom(int from) {
        List<Object> items = stack.subList(from, stack.size());
        List<Object> copy = List.copyOf(items);
        items.clear();
        return copy;
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object top() {
        return stack.get(fromTop(1));
    }

    private Object pop() {
        return stack.remove(fromTop(1));
    }

    private void discard() {
        stack.remove(fromTop(1));
    }
}
