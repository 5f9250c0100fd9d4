package io.residuum.transformer.text.library;

import io.residuum.data.DataException;
import io.residuum.transformer.text.library.TokenizerServer.Request;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A tokenizer that the native library runs in a child process, which it may end or block. */
final class ChildProcessTokenizer implements NativeTokenizer {
    private static final int START_SECONDS = 60;

    /** The limit of a call. A text or file adds a second for each 100,000 bytes. */
    private static final int CALL_SECONDS = 8;

    private static final int BYTES_A_SECOND = 100_000;

    /** Prefixes of the properties that the library reads. */
    private static final List<String> PROPERTIES =
            List.of("OPT_OUT_TRACKING", "RUST_", "DJL_", "ENGINE_", "ai.djl.");

    private final String source;
    private final String unknown;
    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;
    private volatile boolean closed;

    private ChildProcessTokenizer(String source, String unknown, Process process) {
        this.source = source;
        this.unknown = unknown;
        this.process = process;
        this.in = new DataInputStream(process.getInputStream());
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    }

    /**
     * Opens a tokenizer in a new process.
     *
     * @param unknown the place in the file that keeps it from being opened in this process
     */
    static ChildProcessTokenizer open(String json, String source, String unknown) {
        ChildProcessTokenizer tokenizer = new ChildProcessTokenizer(source, unknown, start(source));
        try {
            tokenizer.call(null, new byte[0], START_SECONDS);
            String name = source.replace('\n', ' ');
            tokenizer.call(Request.OPEN, utf8(name + "\n" + json));
            return tokenizer;
        } catch (DataException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static Process start(String source) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        System.getProperties()
                .forEach(
                        (name, value) -> {
                            if (PROPERTIES.stream().anyMatch(name.toString()::startsWith)) {
                                command.add("-D" + name + "=" + value);
                            }
                        });
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(TokenizerServer.class.getName());
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new DataException(
                    source
                            + ": this tokenizer needs a child process, which cannot be started: "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public int[] encode(String text, boolean special) {
        return ids(call(special ? Request.ENCODE_SPECIAL : Request.ENCODE, utf8(text)));
    }

    @Override
    public NativeTokens tokens(String text, @Nullable String second, boolean special) {
        byte[] first = utf8(text);
        byte[] other = second == null ? new byte[0] : utf8(second);
        ByteBuffer argument = ByteBuffer.allocate(5 + first.length + other.length);
        argument.put((byte) ((special ? 1 : 0) + (second == null ? 0 : 2)));
        argument.putInt(first.length).put(first).put(other);
        return NativeTokens.read(call(Request.TOKENS, argument.array()));
    }

    @Override
    public String decode(int... ids) {
        return new String(call(Request.DECODE, bytes(ids)), StandardCharsets.UTF_8);
    }

    static int[] ids(byte[] bytes) {
        int[] ids = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).asIntBuffer().get(ids);
        return ids;
    }

    static byte[] bytes(int... ids) {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
        bytes.asIntBuffer().put(ids);
        return bytes.array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] call(Request request, byte[] argument) {
        return call(request, argument, CALL_SECONDS + argument.length / BYTES_A_SECOND);
    }

    /** Sends a request, or none, and waits for the answer. */
    private synchronized byte[] call(@Nullable Request request, byte[] argument, long seconds) {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
        // Ending the child ends the read below.
        CompletableFuture<Void> watchdog =
                CompletableFuture.runAsync(
                        process::destroyForcibly,
                        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS));
        try {
            if (request != null) {
                out.writeByte(request.ordinal());
                out.writeInt(argument.length);
                out.write(argument);
                out.flush();
            }
            boolean ok = in.readBoolean();
            byte[] result = in.readNBytes(in.readInt());
            if (!ok) {
                throw new DataException(new String(result, StandardCharsets.UTF_8));
            }
            return result;
        } catch (IOException e) {
            throw new DataException(source + ": " + failure(request, watchdog, seconds), e);
        } finally {
            watchdog.cancel(false);
        }
    }

    private String failure(
            @Nullable Request request, CompletableFuture<Void> watchdog, long seconds) {
        process.destroyForcibly();
        if (request == null) {
            return "this tokenizer needs a child process, which did not start with the class path"
                    + " of java.class.path; put Residuum's jars on the class path";
        }
        String happened =
                watchdog.isDone()
                        ? "took longer than " + seconds + " s"
                        : "failed and ended its process";
        return String.format(
                "the tokenizers library %s in this tokenizer.json; look at its %s, or use the"
                        + " tokenizer.json of the model's publisher",
                happened, unknown);
    }

    @Override
    public void close() {
        closed = true;
        process.destroyForcibly();
    }
}
