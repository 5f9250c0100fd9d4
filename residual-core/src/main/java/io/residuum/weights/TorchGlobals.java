package io.residuum.weights;

import io.residuum.json.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that the pickle of a state dict may refer to. All others are refused. */
final class TorchGlobals {
    private static final Map<String, TensorType> STORAGES =
            Map.ofEntries(
                    Map.entry("FloatStorage", TensorType.F32),
                    Map.entry("DoubleStorage", TensorType.F64),
                    Map.entry("HalfStorage", TensorType.F16),
                    Map.entry("BFloat16Storage", TensorType.BF16),
                    Map.entry("LongStorage", TensorType.I64),
                    Map.entry("IntStorage", TensorType.I32),
                    Map.entry("ShortStorage", TensorType.I16),
                    Map.entry("CharStorage", TensorType.I8),
                    Map.entry("ByteStorage", TensorType.U8),
                    Map.entry("BoolStorage", TensorType.BOOL),
                    Map.entry("ComplexFloatStorage", TensorType.C64));

    private static final Map<String, TensorType> TYPES =
            Map.ofEntries(
                    Map.entry("float32", TensorType.F32),
                    Map.entry("float64", TensorType.F64),
                    Map.entry("float16", TensorType.F16),
                    Map.entry("bfloat16", TensorType.BF16),
                    Map.entry("int64", TensorType.I64),
                    Map.entry("int32", TensorType.I32),
                    Map.entry("int16", TensorType.I16),
                    Map.entry("int8", TensorType.I8),
                    Map.entry("uint8", TensorType.U8),
                    Map.entry("uint16", TensorType.U16),
                    Map.entry("uint32", TensorType.U32),
                    Map.entry("uint64", TensorType.U64),
                    Map.entry("bool", TensorType.BOOL),
                    Map.entry("complex64", TensorType.C64),
                    Map.entry("float8_e4m3fn", TensorType.F8_E4M3),
                    Map.entry("float8_e4m3fnuz", TensorType.F8_E4M3FNUZ),
                    Map.entry("float8_e5m2", TensorType.F8_E5M2),
                    Map.entry("float8_e5m2fnuz", TensorType.F8_E5M2FNUZ),
                    Map.entry("float8_e8m0fnu", TensorType.F8_E8M0));

    // Options, paths and times that training scripts save with the weights. Calls have no side
    // effects, and no weight depends on their values.
    private static final List<String> OPAQUE =
            List.of(
                    "argparse Namespace",
                    "types SimpleNamespace",
                    "collections Counter",
                    "collections deque",
                    "_codecs encode",
                    "copyreg _reconstructor",
                    "copy_reg _reconstructor",
                    "datetime date",
                    "datetime datetime",
                    "datetime timedelta",
                    "pathlib Path",
                    "pathlib PosixPath",
                    "pathlib PurePosixPath",
                    "pathlib WindowsPath",
                    "pathlib PureWindowsPath",
                    "pathlib._local PosixPath",
                    "pathlib._local WindowsPath",
                    "numpy ndarray",
                    "numpy dtype",
                    "numpy.core.multiarray scalar",
                    "numpy.core.multiarray _reconstruct",
                    "numpy._core.multiarray scalar",
                    "numpy._core.multiarray _reconstruct",
                    "torch device",
                    "torch Tensor",
                    "torch.nn.parameter Parameter",
                    "torch.nn.parameter Buffer");

    private static final List<String> OPAQUE_BUILTINS =
            List.of(
                    "bool",
                    "bytearray",
                    "bytes",
                    "complex",
                    "float",
                    "frozenset",
                    "int",
                    "list",
                    "long",
                    "object",
                    "range",
                    "set",
                    "slice",
                    "str",
                    "tuple");

    private static final Map<String, PickleGlobal> TABLE = table();

    private TorchGlobals() {}

    /** {@return the meaning of a name such as "torch Size", or null to refuse it} */
    static @Nullable PickleGlobal find(String name) {
        return TABLE.get(name);
    }

    /** {@return the storage of a persistent identifier} */
    static TorchStorage storage(Object id) {
        List<Object> parts = tuple(id);
        // The legacy format adds a sixth part for a storage inside another storage.
        if (parts.size() < 5
                || !"storage".equals(parts.get(0))
                || !(parts.get(1) instanceof PickleGlobal type)
                || !(parts.get(2) instanceof String key)
                || !(parts.get(4) instanceof Long elements)) {
            throw new IllegalArgumentException(
                    "a persistent identifier must be ('storage', type, key, location, elements)");
        }
        if (parts.size() > 5 && parts.get(5) != Pickle.NONE) {
            throw new IllegalArgumentException(
                    "storage %s: views of storages (PyTorch before 0.4) are not supported; load"
                                    .formatted(JsonText.quote(key))
                            + " and save the file with a newer version");
        }
        if (!(type.maker() instanceof StorageType stored)
                || elements < 0
                || elements > Long.MAX_VALUE / Long.SIZE) {
            throw new IllegalArgumentException(
                    "storage %s: must have a known type and at least 0 elements, found %s and %d"
                            .formatted(JsonText.quote(key), type.name(), elements));
        }
        return new TorchStorage(stored.type(), key, elements);
    }

    private static Map<String, PickleGlobal> table() {
        Map<String, PickleGlobal> table = new HashMap<>();
        OPAQUE.forEach(name -> table.put(name, PickleGlobal.opaque(dotted(name))));
        for (String module : List.of("builtins ", "__builtin__ ")) {
            OPAQUE_BUILTINS.forEach(name -> table.put(module + name, PickleGlobal.opaque(name)));
            put(table, module + "dict", TorchGlobals::dict);
        }
        put(table, "collections OrderedDict", TorchGlobals::dict);
        put(table, "collections defaultdict", (arguments, in) -> new PickleDict());
        put(table, "torch Size", (arguments, in) -> tuple(argument(arguments, 0)));
        STORAGES.forEach(
                (name, type) -> {
                    put(table, "torch " + name, new StorageType(type));
                    put(table, "torch.cuda " + name, new StorageType(type));
                });
        put(table, "torch.storage UntypedStorage", new StorageType(TensorType.U8));
        put(table, "torch.storage _UntypedStorage", new StorageType(TensorType.U8));
        TYPES.forEach((name, type) -> put(table, "torch " + name, new ElementType(type)));
        put(table, "torch._utils _rebuild_tensor", TorchGlobals::tensor);
        put(table, "torch._utils _rebuild_tensor_v2", TorchGlobals::tensor);
        put(table, "torch._utils _rebuild_tensor_v3", TorchGlobals::typedTensor);
        put(table, "torch._utils _rebuild_parameter", TorchGlobals::parameter);
        put(table, "torch._utils _rebuild_parameter_with_state", TorchGlobals::parameter);
        put(table, "torch._tensor _rebuild_from_type_v2", TorchGlobals::fromType);
        return Map.copyOf(table);
    }

    private static void put(
            Map<String, PickleGlobal> table, String name, PickleGlobal.Maker maker) {
        table.put(name, new PickleGlobal(dotted(name), maker));
    }

    private static String dotted(String name) {
        return name.replace(' ', '.');
    }

    private record StorageType(TensorType type) implements PickleGlobal.Maker {
        @Override
        public Object make(List<Object> arguments, PickleInput in) {
            throw new IllegalArgumentException("a storage cannot be called, only referred to");
        }
    }

    private record ElementType(TensorType type) implements PickleGlobal.Maker {
        @Override
        public Object make(List<Object> arguments, PickleInput in) {
            throw new IllegalArgumentException("a dtype cannot be called");
        }
    }

    // Python 2 passes an OrderedDict's entries as a list of pairs.
    private static Object dict(List<Object> arguments, PickleInput in) {
        PickleDict dict = new PickleDict();
        if (!arguments.isEmpty()) {
            List<Object> pairs = list(arguments.get(0), "the entries of a dictionary");
            in.charge((long) MemoryBudget.OBJECT * pairs.size());
            for (Object pair : pairs) {
                List<Object> entry = list(pair, "an entry of a dictionary");
                dict.put(argument(entry, 0), argument(entry, 1));
            }
        }
        return dict;
    }

    private static Object tensor(List<Object> arguments, PickleInput in) {
        return view(arguments, null);
    }

    // The seventh argument is the type, because the storage holds bytes.
    private static Object typedTensor(List<Object> arguments, PickleInput in) {
        if (argument(arguments, 6) instanceof PickleGlobal type
                && type.maker() instanceof ElementType element) {
            return view(arguments, element.type());
        }
        throw new IllegalArgumentException("a tensor must have a known dtype");
    }

    private static TorchTensor view(List<Object> arguments, @Nullable TensorType type) {
        if (argument(arguments, 0) instanceof TorchStorage storage
                && argument(arguments, 1) instanceof Long offset) {
            return new TorchTensor(
                    storage,
                    type == null ? storage.type() : type,
                    offset,
                    sizes(argument(arguments, 2)),
                    sizes(argument(arguments, 3)));
        }
        throw new IllegalArgumentException("a tensor must have a storage and an offset");
    }

    private static List<Long> sizes(Object value) {
        List<Object> sizes = tuple(value);
        if (sizes.size() > TorchTensor.MAX_RANK) {
            throw new IllegalArgumentException(
                    "a tensor has at most " + TorchTensor.MAX_RANK + " dimensions");
        }
        List<Long> longs = new ArrayList<>();
        for (Object size : sizes) {
            if (!(size instanceof Long number) || number < 0) {
                throw new IllegalArgumentException(
                        "sizes and strides must be integers of at least 0");
            }
            longs.add(number);
        }
        return longs;
    }

    private static Object parameter(List<Object> arguments, PickleInput in) {
        if (argument(arguments, 0) instanceof TorchTensor tensor) {
            return tensor;
        }
        throw new IllegalArgumentException("a parameter must hold a tensor");
    }

    // Saved tensor subclasses: function, type, arguments, attributes.
    private static Object fromType(List<Object> arguments, PickleInput in) {
        if (argument(arguments, 0) instanceof PickleGlobal function
                && function.name().startsWith("torch._utils._rebuild_")) {
            return function.maker().make(tuple(argument(arguments, 2)), in);
        }
        throw new IllegalArgumentException("a tensor subclass must be rebuilt by a known function");
    }

    private static Object argument(List<Object> arguments, int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException(
                    "a call must have at least %d arguments, found %d"
                            .formatted(index + 1, arguments.size()));
        }
        return arguments.get(index);
    }

    private static List<Object> tuple(Object value) {
        if (Pickle.isTuple(value)) {
            return list(value, "a tuple");
        }
        throw new IllegalArgumentException("a tuple is expected");
    }

    @SuppressWarnings("unchecked") // A pickle's list holds any objects.
    private static List<Object> list(Object value, String what) {
        if (value instanceof List) {
            return (List<Object>) value;
        }
        throw new IllegalArgumentException(what + " must be a list or a tuple");
    }
}
