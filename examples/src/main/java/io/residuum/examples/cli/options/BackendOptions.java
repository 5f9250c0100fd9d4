package io.residuum.examples.cli.options;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where to compute. */
public final class BackendOptions {

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "auto",
            converter = EngineConverter.class,
            description = {
                "mxnet, pytorch, or auto: PyTorch on a GPU or where MXNet has no natives, else"
                        + " MXNet. Default: ${DEFAULT-VALUE}"
            })
    private EngineChoice engine;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            converter = DeviceConverter.class,
            description = {
                "cpu, gpu, gpu:N, or auto: the first GPU that works, else the CPU. Default:"
                        + " ${DEFAULT-VALUE}"
            })
    private DeviceChoice device;

    /** Loads the engine and says which. */
    public Backend open(Output output) {
        Backend backend = Backend.open(engine, device);
        output.note("engine   " + backend);
        return backend;
    }

    private static final class EngineConverter implements ITypeConverter<EngineChoice> {
        @Override
        public EngineChoice convert(String value) {
            try {
                return EngineChoice.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class DeviceConverter implements ITypeConverter<DeviceChoice> {
        @Override
        public DeviceChoice convert(String value) {
            try {
                return DeviceChoice.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
