package io.residuum.examples.cli.options;

import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The option {@code --cache-dtype}. */
@HelpSection(HelpSection.ENGINE)
public final class CacheTypeOption {

    /** The types that caches store. The engines have no arrays of bfloat16. */
    private enum Stored {
        FLOAT32,
        FLOAT16;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--cache-dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description =
                    "Type of the KV cache: float32, or float16 for half the memory, which rounds"
                            + " keys and values to 11 bits. Default: ${DEFAULT-VALUE}")
    private Stored stored;

    /** {@return true for another type than the default} */
    public boolean isGiven() {
        return stored != Stored.FLOAT32;
    }

    public DataType type() {
        return DataType.valueOf(stored.name());
    }
}
