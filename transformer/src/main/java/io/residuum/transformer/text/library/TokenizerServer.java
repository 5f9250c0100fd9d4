package io.residuum.transformer.text.library;

import io.residuum.data.DataException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The main class of the child process of a {@link ChildProcessTokenizer}: opens the tokenizer that
 * it reads from standard input, then answers requests until the input ends.
 */
final class TokenizerServer {
    /**
     * A request: a tokenizer, a text to encode without or with special tokens, one or two texts to
     * split, or ids to decode.
     */
    enum Request {
        OPEN,
        ENCODE,
        ENCODE_SPECIAL,
        TOKENS,
        DECODE
    }

    /** Texts that exercise most paths through the library. */
    private static final String[] PROBES = {
        "",
        " ",
        "a",
        "The quick brown fox, 12345!",
        "\n\t  \u00e9\u4e2d\u0301\ud83d\ude00\u200d\0 x"
    };

    private TokenizerServer() {}

    /** Runs the server. */
    public static void main(String[] args) throws IOException {
        try (DataInputStream in = new DataInputStream(System.in);
                DataOutputStream out =
                        new DataOutputStream(new FileOutputStream(FileDescriptor.out))) {
            // Nothing else may write into the stream of answers.
            System.setOut(System.err);
            answer(out, true, new byte[0]);
            serve(in, out);
        } catch (EOFException e) {
            // The parent is done.
        }
    }

    private static void serve(DataInputStream in, DataOutputStream out) throws IOException {
        InProcessTokenizer tokenizer = null;
        while (true) {
            Request request = Request.values()[in.readByte()];
            byte[] argument = in.readNBytes(in.readInt());
            byte[] result;
            try {
                if (tokenizer == null) {
                    tokenizer = open(text(argument));
                    result = new byte[0];
                } else if (request == Request.DECODE) {
                    result = bytes(tokenizer.decode(ChildProcessTokenizer.ids(argument)));
                } else if (request == Request.TOKENS) {
                    result = tokens(tokenizer, ByteBuffer.wrap(argument)).bytes();
                } else {
                    boolean special = request == Request.ENCODE_SPECIAL;
                    result = ChildProcessTokenizer.bytes(tokenizer.encode(text(argument), special));
                }
            } catch (DataException e) {
                answer(out, false, bytes(String.valueOf(e.getMessage())));
                continue;
            }
            answer(out, true, result);
        }
    }

    /** Reads flags (1: special tokens, 2: a second text), the first text's length and the texts. */
    private static NativeTokens tokens(InProcessTokenizer tokenizer, ByteBuffer argument) {
        int flags = argument.get();
        byte[] first = new byte[argument.getInt()];
        argument.get(first);
        byte[] second = new byte[argument.remaining()];
        argument.get(second);
        return tokenizer.tokens(
                text(first), (flags & 2) == 0 ? null : text(second), (flags & 1) == 1);
    }

    private static InProcessTokenizer open(String argument) {
        int end = argument.indexOf('\n');
        InProcessTokenizer tokenizer =
                InProcessTokenizer.open(argument.substring(end + 1), argument.substring(0, end));
        for (String text : PROBES) {
            try {
                tokenizer.decode(tokenizer.encode(text, true));
            } catch (DataException e) {
                // A text without tokens is the user's to learn about. Here only a crash counts.
            }
        }
        return tokenizer;
    }

    private static void answer(DataOutputStream out, boolean ok, byte[] result) throws IOException {
        out.writeBoolean(ok);
        out.writeInt(result.length);
        out.write(result);
        out.flush();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
