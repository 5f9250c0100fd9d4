package io.residuum.engine.torch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the part of Python's pickle protocol 2 that TorchScript archives use. */
public final class Pickler {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Begins a pickle. */
    public Pickler() {
        out.write(0x80);
        out.write(2);
    }

    public Pickler global(String module, String name) {
        out.write('c');
        return raw(module + "\n" + name + "\n");
    }

    public Pickler text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        int32(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    public Pickler flag(boolean value) {
        out.write(value ? 0x88 : 0x89);
        return this;
    }

    public Pickler number(long value) {
        if (value == (int) value) {
            out.write('J');
            int32((int) value);
            return this;
        }
        out.write(0x8a);
        out.write(8);
        int32((int) value);
        int32((int) (value >> 32));
        return this;
    }

    /** Begins a tuple or the items of a dictionary. */
    public Pickler mark() {
        return code('(');
    }

    public Pickler tuple() {
        return code('t');
    }

    public Pickler emptyTuple() {
        return code(')');
    }

    public Pickler emptyList() {
        return code(']');
    }

    public Pickler emptyDictionary() {
        return code('}');
    }

    /** Adds the items since the mark to the dictionary before it. */
    public Pickler items() {
        return code('u');
    }

    /** Creates an object from the class and argument tuple on the stack. */
    public Pickler object() {
        return code(0x81);
    }

    /** Sets the state of the object that precedes it on the stack. */
    public Pickler build() {
        return code('b');
    }

    /** Calls the function on the stack with the argument tuple after it. */
    public Pickler reduce() {
        return code('R');
    }

    /** Refers to an object outside the pickle by the id tuple on the stack. */
    public Pickler persistent() {
        return code('Q');
    }

    public byte[] end() {
        out.write('.');
        return out.toByteArray();
    }

    private Pickler raw(String ascii) {
        out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private void int32(int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(value >> shift);
        }
    }

    private Pickler code(int opcode) {
        out.write(opcode);
        return this;
    }
}
