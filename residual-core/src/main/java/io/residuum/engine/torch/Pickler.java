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
        out.write('(');
        return this;
    }

    public Pickler tuple() {
        out.write('t');
        return this;
    }

    public Pickler emptyTuple() {
        out.write(')');
        return this;
    }

    public Pickler emptyList() {
        out.write(']');
        return this;
    }

    public Pickler emptyDictionary() {
        out.write('}');
        return this;
    }

    /** Adds the items since the mark to the dictionary before it. */
    public Pickler items() {
        out.write('u');
        return this;
    }

    /** Creates an object from the class and argument tuple on the stack. */
    public Pickler object() {
        out.write(0x81);
        return this;
    }

    /** Sets the state of the object that precedes it on the stack. */
    public Pickler build() {
        out.write('b');
        return this;
    }

    /** Calls the function on the stack with the argument tuple after it. */
    public Pickler reduce() {
        out.write('R');
        return this;
    }

    /** Refers to an object outside the pickle by the id tuple on the stack. */
    public Pickler persistent() {
        out.write('Q');
        return this;
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
}
