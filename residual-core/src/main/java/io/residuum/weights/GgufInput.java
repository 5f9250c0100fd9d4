package io.residuum.weights;

import io.residuum.json.Json;
import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads the header of a GGUF file. Every length is checked against the file before it is used. */
final class GgufInput {
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    /** The smallest lengths of values by their type, in bytes. */
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

    private static final int MAX_STRING = 1 << 26;

    private final Path file;
    private final MappedFile mapped;
    private final MemoryBudget budget;
    private long at;

    GgufInput(Path file, MappedFile mapped, long at) {
        this.file = file;
        this.mapped = mapped;
        this.budget = new MemoryBudget(file, mapped.size());
        this.at = at;
    }

    /** {@return true if the file begins with some bytes} */
    boolean begins(String magic) {
        byte[] start = new byte[(int) Math.min(magic.length(), mapped.size())];
        mapped.slice(0, start.length).get(start);
        return new String(start, StandardCharsets.ISO_8859_1).equals(magic);
    }

    /** {@return the position of the next byte} */
    long position() {
        return at;
    }

    /** {@return a failure at the current position} */
    WeightsException refusal(String problem) {
        return WeightsException.in(file, problem + " (before byte " + at + ")");
    }

    private ByteBuffer next(long bytes, String what) {
        if (bytes < 0 || bytes > Math.min(MAX_STRING, mapped.size() - at)) {
            throw refusal(
                    "%s must fit the file's remaining %d bytes, found %s; the file is truncated or damaged"
                            .formatted(what, mapped.size() - at, Long.toUnsignedString(bytes)));
        }
        ByteBuffer next = mapped.slice(at, (int) bytes);
        at += bytes;
        return next;
    }

    int integer(String what) {
        return next(Integer.BYTES, what).getInt();
    }

    long length(String what) {
        return next(Long.BYTES, what).getLong();
    }

    /**
     * {@return a number of things that follow}
     *
     * @param least the smallest length of one in the file, in bytes
     */
    int count(String what, int least) {
        long count = length(what);
        long most = Math.min(Integer.MAX_VALUE, (mapped.size() - at) / least);
        if (count < 0 || count > most) {
            throw refusal(
                    "%s must be at most %d for the file's length, found %s; the file is truncated or damaged"
                            .formatted(what, most, Long.toUnsignedString(count)));
        }
        budget.charge((long) MemoryBudget.OBJECT * count);
        return (int) count;
    }

    String text(String what) {
        long length = length("the length of " + what);
        budget.charge(MemoryBudget.OBJECT + 2 * Math.max(0, Math.min(length, mapped.size())));
        ByteBuffer bytes = next(length, what);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw refusal(what + " must be valid UTF-8");
        }
    }

    /** {@return a value of the metadata as JSON} */
    Json value(String key) {
        String what = "the value of " + JsonText.quote(key);
        int type = integer("the type of " + JsonText.quote(key));
        if (type != ARRAY) {
            return scalar(type, what);
        }
        int of = integer("the type of the items of " + JsonText.quote(key));
        if (of == ARRAY) {
            throw refusal(what + " must not be an array of arrays");
        }
        int count = count("the number of items of " + JsonText.quote(key), width(of, what));
        List<Json> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(scalar(of, what));
        }
        return new Json.Arr(0, items);
    }

    private int width(int type, String what) {
        if (type < 0 || type >= WIDTHS.length) {
            throw refusal(
                    "%s must have a type from 0 to %d, found %s"
                            .formatted(what, WIDTHS.length - 1, Integer.toUnsignedString(type)));
        }
        return WIDTHS[type];
    }

    private Json scalar(int type, String what) {
        if (type == STRING) {
            return new Json.Str(0, text(what));
        }
        ByteBuffer in = next(width(type, what), what);
        return switch (type) {
            case 0 -> Json.of(in.get() & 0xff);
            case 1 -> Json.of(in.get());
            case 2 -> Json.of(in.getShort() & 0xffff);
            case 3 -> Json.of(in.getShort());
            case 4 -> Json.of(in.getInt() & 0xffffffffL);
            case 5 -> Json.of(in.getInt());
            case 6 -> real(in.getFloat(), () -> what);
            case 7 -> Json.of(in.get() != 0);
            case 10 -> new Json.Num(0, Long.toUnsignedString(in.getLong()));
            case 11 -> Json.of(in.getLong());
            default -> real(in.getDouble(), () -> what);
        };
    }

    private Json real(Number value, Supplier<String> what) {
        if (!Double.isFinite(value.doubleValue())) {
            throw refusal(what.get() + " must be finite numbers, found " + value);
        }
        return Json.of(value);
    }
}
