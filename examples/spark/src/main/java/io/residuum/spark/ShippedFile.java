package io.residuum.spark;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A file of the driver that executors read. It is sent in parts, as broadcasts, so that executors
 * pass it to each other and no process holds all of it in memory. Files of {@code
 * SparkContext.addFile} do not reach the tasks of SQL in Spark 4.
 *
 * @param name a name by its content, so that equal files are the same
 * @param parts the content
 */
record ShippedFile(String name, List<Broadcast<byte[]>> parts) implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int PART = 16 << 20;

    /** The copies of this process. */
    private static final ConcurrentMap<String, Path> COPIES = new ConcurrentHashMap<>();

    static ShippedFile of(SparkSession spark, Path file) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Hasher hasher = Hashing.sha256().newHasher();
        List<Broadcast<byte[]>> parts = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (byte[] part = in.readNBytes(PART); part.length > 0; part = in.readNBytes(PART)) {
                hasher.putBytes(part);
                parts.add(context.broadcast(part));
            }
        } catch (IOException e) {
            throw new DataException(file + ": the file cannot be read: " + e, e);
        }
        return new ShippedFile(hasher.hash() + ".safetensors", parts);
    }

    /** {@return the copy of this process, which the first call writes} */
    Path local() {
        return COPIES.computeIfAbsent(name, key -> written());
    }

    private Path written() {
        Path file = temporary("residuum-file").resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            file.toFile().deleteOnExit();
            for (Broadcast<byte[]> part : parts) {
                out.write(part.value());
            }
        } catch (IOException e) {
            throw new DataException(file + ": the file cannot be written: " + e, e);
        }
        return file;
    }

    /** Creates a temporary folder, which is removed when the process ends if it is empty then. */
    static Path temporary(String prefix) {
        try {
            Path folder = Files.createTempDirectory(prefix);
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new DataException("a temporary folder cannot be created: " + e, e);
        }
    }
}
