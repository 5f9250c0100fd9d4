package io.residuum.weights;

import io.residuum.json.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that a pickle refers to. Those that PyTorch writes for tensors make data. Other classes
 * and functions, such as a script's settings, make placeholders, since no weights depend on them.
 */
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

    // Modules whose functions run code or change the system. Nothing here would call them, but a
    // file that names them is an attack on whoever opens it in Python.
    private static final Set<String> MALICIOUS =
            Set.of(
                    """
                    _pickle _posixsubprocess asyncio.subprocess code ctypes importlib marshal nt
                    os pdb pickle pip posix pty runpy shutil socket subprocess sys torch.hub
                    """
                            .split("\\s+"));

    private static final Set<String> MALICIOUS_NAMES =
            Set.of(
                    "__builtin__ __import__",
                    "__builtin__ apply",
                    "__builtin__ compile",
                    "__builtin__ eval",
                    "__builtin__ exec",
                    "__builtin__ execfile",
                    "__builtin__ open",
                    "builtins __import__",
                    "builtins compile",
                    "builtins eval",
                    "builtins exec",
                    "builtins open",
                    "io open",
                    "torch load",
                    "types CodeType",
                    "types FunctionType");

    private static final Map<String, PickleGlobal> TABLE = table();

    private TorchGlobals() {}

    /** {@return the meaning of a name such as "torch Size", or null to refuse it} */
    static @Nullable PickleGlobal find(String name) {
        PickleGlobal known = TABLE.get(name);
        if (known != null) {
            return known;
        }
        String module = name.substring(0, name.indexOf(' '));
        boolean malicious =
                MALICIOUS_NAMES.contains(name)
                        || MALICIOUS.stream()
                                .anyMatch(m -> module.equals(m) || module.startsWith(m + "."));
        return malicious ? null : PickleGlobal.opaque(dotted(name));
    }

    /**
     * {@return the storage of a persistent identifier; empty if its elements are of a type that we
     * do not know}
     */
    static Optional<TorchTensor.Storage> storage(Object id) {
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
        if (type.isOpaque()) {
            return Optional.empty();
        }
        if (!(type.maker() instanceof StorageType stored)
                || elements < 0
                || elements > Long.MAX_VALUE / Long.SIZE) {
            throw new IllegalArgumentException(
                    "storage %s: must have a known type and at least 0 elements, found %s and %d"
                            .formatted(JsonText.quote(key), type.name(), elements));
        }
        return Optional.of(new TorchTensor.Storage(stored.type(), key, elements));
    }

    private static Map<String, PickleGlobal> table() {
        Map<String, PickleGlobal> table = new HashMap<>();
        for (String module : List.of("builtins ", "__builtin__ ")) {
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

    private static boolean isOpaque(Object value) {
        return value instanceof PickleGlobal.Opaque;
    }

    // The seventh argument is the type, because the storage holds bytes.
    private static Object typedTensor(List<Object> arguments, PickleInput in) {
        if (isOpaque(argument(arguments, 0))) {
            return argument(arguments, 0);
        }
        if (argument(arguments, 6) instanceof PickleGlobal type && type.isOpaque()) {
            return type.maker().make(arguments, in);
        }
        if (argument(arguments, 6) instanceof PickleGlobal type
                && type.maker() instanceof ElementType element) {
            return view(arguments, element.type());
        }
        throw new IllegalArgumentException("a tensor must have a known dtype");
    }

    private static Object view(List<Object> arguments, @Nullable TensorType type) {
        Object stored = argument(arguments, 0);
        if (isOpaque(stored)) {
            return stored;
        }
        if (argument(arguments, 0) instanceof TorchTensor.Storage storage
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
        Object value = argument(arguments, 0);
        if (value instanceof TorchTensor || isOpaque(value)) {
            return value;
        }
        throw new IllegalArgumentException("a parameter must hold a tensor");
    }

    // Saved tensor subclasses: function, type, arguments, attributes.
    private static Object fromType(List<Object> arguments, PickleInput in) {
        if (argument(arguments, 0) instanceof PickleGlobal function && function.isOpaque()) {
            return function.maker().make(arguments, in);
        }
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
