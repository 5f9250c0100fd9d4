package io.residuum.examples.cli.options;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.HostSettings;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options {@code --engine} and {@code --device}. */
@HelpSection(HelpSection.ENGINE)
public final class BackendOptions {

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "auto",
            converter = EngineConverter.class,
            completionCandidates = EngineNames.class,
            description = {
                "mxnet, pytorch or auto. auto is PyTorch on a GPU or if MXNet has no native library"
                        + " here, else MXNet. Default: ${DEFAULT-VALUE}"
            })
    private EngineChoice engine;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            converter = DeviceConverter.class,
            description = {
                "cpu, gpu, gpu:N or auto. auto is the first GPU that works, else the CPU. Default:"
                        + " ${DEFAULT-VALUE}"
            })
    private DeviceChoice device;

    /** Loads the engine and prints its name. */
    public Backend open(Output output) {
        HostSettings.keepFreedMemory();
        Backend backend = Backend.open(engine, device);
        output.note("engine   " + backend);
        return backend;
    }

    /** Lists the engines, for completion in a shell. */
    static final class EngineNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(EngineChoice.values())
                    .map(engine -> engine.name().toLowerCase(Locale.ROOT))
                    .iterator();
        }
    }

    private static final class EngineConverter extends Options.Converter<EngineChoice> {
        EngineConverter() {
            super(EngineChoice::of);
        }
    }

    private static final class DeviceConverter extends Options.Converter<DeviceChoice> {
        DeviceConverter() {
            super(DeviceChoice::of);
        }
    }
}
