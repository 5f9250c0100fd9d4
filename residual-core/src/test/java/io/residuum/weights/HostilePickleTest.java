package io.residuum.weights;

import static io.residuum.weights.PickleBytes.tensor;
import static io.residuum.weights.PickleBytes.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles written to run code, to hang or to fill the memory of whoever reads them. */
@Timeout(60)
class HostilePickleTest {
    private static final String NONE_LEFT = "the stack is empty";
    private static final String TOO_LONG = "a length must be at most the ";

    @TempDir Path folder;

    @BeforeEach
    void loadClasses() throws IOException {
        PickleBytes.zip(folder.resolve("warm.pt"), "}" + text("w") + tensor() + "s.");
        StateDict.open(folder.resolve("warm.pt")).close();
    }

    static Stream<String> code() {
        return Stream.of(
                "posix system",
                "nt system",
                "os popen",
                "subprocess Popen",
                "builtins eval",
                "builtins exec",
                "builtins __import__",
                "__builtin__ apply",
                "importlib import_module",
                "importlib.util find_spec",
                "types CodeType",
                "pickle loads",
                "torch load",
                "torch.hub load");
    }

    /** Names that a script may store beside its weights. */
    static Stream<String> unknown() {
        return Stream.of(
                "builtins getattr",
                "functools partial",
                "operator attrgetter",
                "decimal Decimal",
                "zoneinfo ZoneInfo",
                "datetime timezone",
                "omegaconf.dictconfig DictConfig",
                "torch.jit._pickle build_intlist",
                "torch._utils _rebuild_sparse_tensor",
                "torch._utils _rebuild_tensor_v2.__globals__",
                "collections OrderedDict.__init__",
                "collections namedtuple",
                "numpy load",
                "numpy.testing._private.utils runstring",
                "torch ComplexDoubleStorage",
                "torch QInt8Storage",
                "__main__ Net",
                " ",
                "\" \n\u2028");
    }

    @ParameterizedTest
    @MethodSource("code")
    void refusesByName(String global) throws IOException {
        String[] name = global.split(" ", 2);
        Path marker = folder.resolve("marker");
        String argument = text("touch " + marker) + "\u0085";
        String byStack = text(name[0]) + text(name[1]) + "\u0093";
        for (String opcodes :
                List.of(
                        byStack + argument + "R.",
                        byStack + argument + "\u0081.",
                        byStack + ")}\u0092.",
                        "(" + byStack + text("x") + "o.",
                        // As the value of an entry, and never called.
                        "}" + text("w") + tensor() + "s" + text("x") + byStack + "s.")) {
            assertRefused("refused \"", opcodes);
            assertRefused("runs code when Python reads the file", opcodes);
        }
        String line = name[0] + "\n" + name[1] + "\n";
        assertRefused("refused \"" + name[0] + "." + name[1], "c" + line + argument + "R.");
        assertRefused("refused \"" + name[0] + "." + name[1], "(" + argument + "i" + line + ".");
        assertFalse(Files.exists(marker));
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void makesPlaceholdersOfUnknownObjectsBesideWeights(String global) throws IOException {
        String[] name = global.split(" ", 2);
        String byStack =
                name.length == 2
                        ? text(name[0]) + text(name[1]) + "\u0093"
                        : text("") + text("") + "\u0093";
        String argument = text("x") + "\u0085";
        String state = "}" + text("k") + "K\1s";
        for (String object :
                List.of(
                        byStack,
                        byStack + argument + "R",
                        byStack + argument + "\u0081" + state + "b",
                        byStack + ")}\u0092" + state + "b",
                        "(" + byStack + text("x") + "o",
                        byStack + ")\u0081" + "(" + text("k") + "K\1u",
                        byStack + ")\u0081" + "(K\1e",
                        byStack + "(" + byStack + argument + "R" + text("_unpickle") + "tR")) {
            assertLoads("}" + text("w") + tensor() + "s" + text("x") + object + "s.");
            assertRefused("must hold a dictionary of tensors", object + ".");
        }
    }

    static Stream<Arguments> broken() {
        String dict = "ccollections\nOrderedDict\n";
        String deep = "_rebuild_from_type_v2";
        String longNumber = "L" + "9".repeat(600) + "\n.";
        return Stream.of(
                Arguments.of("found only []", dict + ")}\u0092."),
                Arguments.of("found only []", "(" + dict + "o."),
                Arguments.of("an object without a known class", "(o."),
                Arguments.of("an object without a known class", "(No."),
                Arguments.of("refused opcode 0x50", "Pid\n."),
                Arguments.of("refused opcode 0x97", "\u0097."),
                Arguments.of("refused opcode 0x0", "\0."),
                Arguments.of("refused opcode 0xff", "\u00ff."),
                Arguments.of("refused an extension code", "\u0082\1)R."),
                Arguments.of("refused an extension code", "\u0083\1\0)R."),
                Arguments.of("refused an extension code", "\u0084\1\0\0\0)R."),
                Arguments.of("protocol must be at most 5, found 6", "\u0080\6}."),
                Arguments.of(TOO_LONG, "T\377\377\377\177."),
                Arguments.of(TOO_LONG, "X\377\377\377\377."),
                Arguments.of(TOO_LONG, "B\0\0\0\200."),
                Arguments.of(TOO_LONG, "\u008b\377\377\377\177."),
                Arguments.of(TOO_LONG, "\u008d\0\0\0\0\0\0\0\20."),
                Arguments.of(TOO_LONG, "\u008e\0\0\0\0\0\0\0\20."),
                Arguments.of(TOO_LONG, "\u0096\377\377\377\377\377\377\377\377."),
                Arguments.of(TOO_LONG, "\u0095\0\0\0\0\0\0\0\100}."),
                Arguments.of("more bytes must follow", "\u008a\377."),
                Arguments.of("a line must end within 512 bytes", longNumber),
                Arguments.of("a line must end within 512 bytes", "c" + "a".repeat(600) + "\n\n."),
                Arguments.of("a number is expected", "Lx\n."),
                Arguments.of("a number is expected", "I\n."),
                Arguments.of("a number is expected", "Fx\n."),
                Arguments.of(NONE_LEFT, "."),
                Arguments.of(NONE_LEFT, "0."),
                Arguments.of(NONE_LEFT, "2."),
                Arguments.of(NONE_LEFT, "q\0."),
                Arguments.of(NONE_LEFT, "\u0087."),
                Arguments.of(NONE_LEFT, "Na."),
                Arguments.of(NONE_LEFT, "}(0."),
                Arguments.of(NONE_LEFT, "(]e."),
                Arguments.of(NONE_LEFT, "R."),
                Arguments.of(NONE_LEFT, "Q."),
                Arguments.of("the stack must hold a mark", "t."),
                Arguments.of("the stack must hold a mark", "}1."),
                Arguments.of("end with one value, found more", "}}."),
                Arguments.of("end with one value, found more", "(}."),
                Arguments.of("the memo must have an entry 7", "h\7."),
                Arguments.of("the memo must have an entry 4294967295", "j\377\377\377\377."),
                Arguments.of("a memo index must have 31 bits", "}p-1\n."),
                Arguments.of("a memo index must have 31 bits", "g99999999999999999999\n."),
                Arguments.of("lists and sets only", "}NNa."),
                Arguments.of("lists and sets only", "}Na."),
                Arguments.of("lists and sets only", ")Na."),
                Arguments.of("into dictionaries only", "]NNs."),
                Arguments.of("into dictionaries only", "}(Nu."),
                Arguments.of("into dictionaries only", "(NNNd."),
                Arguments.of("refused to set attributes", "]}b."),
                Arguments.of("refused to set attributes", dict + "}b."),
                Arguments.of("refused to set attributes", tensor() + "}b."),
                Arguments.of("a known name with a tuple", "N)R."),
                Arguments.of("a known name with a tuple", dict + "]R."),
                Arguments.of("must be text", "]NN\u0093."),
                Arguments.of("must be text", "]q\0h\0ah\0\u0093."),
                Arguments.of("an entry of a dictionary must be", dict + "]Na\u0085R."),
                Arguments.of("the entries of a dictionary must be", dict + "N\u0085R."),
                Arguments.of("at least 1 arguments", dict + "])a\u0085R."),
                Arguments.of("a tuple is expected", "ctorch\nSize\n]\u0085R."),
                Arguments.of("a tuple is expected", "NQ."),
                Arguments.of("a persistent identifier must be", ")Q."),
                Arguments.of("only referred to", "ctorch\nFloatStorage\n)R."),
                Arguments.of("cannot be called", "ctorch\nfloat32\n)R."),
                Arguments.of("a storage and an offset", tensor("N", ")", ")")),
                Arguments.of("a tuple is expected", tensor("K\0", "]", ")")),
                Arguments.of("at least 0", tensor("K\0", "J\377\377\377\377\u0085", ")")),
                Arguments.of("at least 0", tensor("K\0", "N\u0085", ")")),
                Arguments.of("at most 64 dim", tensor("K\0", "(" + "K\1".repeat(65) + "t", ")")),
                Arguments.of(
                        "rebuilt by a known function",
                        "ctorch._tensor\n" + deep + "\n(ctorch\nSize\nNNNtR."),
                Arguments.of("hold a tensor", "ctorch._utils\n_rebuild_parameter\nN\u0085R."));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void refusesWhatCannotBe(String message, String opcodes) throws IOException {
        assertRefused(message, opcodes);
    }

    static Stream<Arguments> views() {
        String most = "\u008a\10\377\377\377\377\377\377\377\177";
        return Stream.of(
                Arguments.of("within the 4 of storage", "K\1", "K\4\u0085", "K\1\u0085"),
                Arguments.of("within the 4 of storage", "K\0", "K\2\u0085", "K\4\u0085"),
                Arguments.of("within the 4 of storage", most, ")", ")"),
                Arguments.of("within the 4 of storage", "J\377\377\377\377", ")", ")"),
                Arguments.of("strides [9223", "K\0", "K\3\u0085", most + "\u0085"),
                Arguments.of("must not overflow", "K\1", "K\2\u0085", most + "\u0085"),
                Arguments.of("must fit 2^63 bits", "K\0", most + "\u0085", "K\0\u0085"),
                Arguments.of("must fit 2^63 bits", "K\0", most + "2K\0\u0087", "K\0K\0K\0\u0087"),
                Arguments.of("must not repeat the 4", "K\0", "J\0\0\0\1\u0085", "K\0\u0085"),
                Arguments.of("must not repeat the 4", "K\0", "K\3K\3\u0086", "K\1K\0\u0086"),
                Arguments.of("must have as many strides", "K\0", "K\4\u0085", ")"));
    }

    @ParameterizedTest
    @MethodSource("views")
    void refusesViewsBeyondTheirStorage(String message, String offset, String shape, String strides)
            throws IOException {
        assertRefused(message, "}" + text("w") + tensor(offset, shape, strides) + "s.");
    }

    @Test
    void survivesContainersOfAnyDepthAndShape() throws IOException {
        int deep = 100_000;
        String dictOfTensors = text("w") + tensor() + "s";
        assertRefusedWithinBudget(
                "must hold a dictionary", "]".repeat(deep) + "a".repeat(deep - 1) + ".");
        assertRefusedWithinBudget("must hold a dictionary", ")" + "\u0085".repeat(deep) + ".");
        assertRefusedWithinBudget("must hold a dictionary", "}q\0" + text("model") + "h\0s.");
        assertRefusedWithinBudget("must hold a dictionary", "}q\0h\0Ns.");
        assertRefusedWithinBudget("must hold a dictionary", "]q\0h\0a.");
        assertRefusedWithinBudget(
                "must hold a dictionary",
                "}" + (text("state_dict") + "}").repeat(deep) + "s".repeat(deep) + ".");
        // A list of itself, a tuple of a list of itself as a key, a dictionary as its own key.
        assertLoads("}" + dictOfTensors + text("l") + "]q\0h\0as.");
        assertLoads("}" + dictOfTensors + "]q\0h\0a\u0085Ns.");
        assertLoads("}q\0" + dictOfTensors + "h\0h\0s.");
        assertLoads("}q\0" + dictOfTensors + text("model") + "h\0s.");
        // Each list holds the one before it twice: 2^60 values, if one followed the references.
        assertLoads(
                "}" + dictOfTensors + text("bomb") + "]q\0" + "0]h\0ah\0aq\0".repeat(60) + "s.");
    }

    private void assertRefusedWithinBudget(String message, String opcodes) throws IOException {
        Path file = PickleBytes.zip(folder.resolve("deep.pt"), opcodes);
        String refused = Harmless.readWithinBudget(file, message).orElse("nothing was refused");
        assertTrue(refused.contains(message), refused);
    }

    @Test
    void refusesTypesThatCallThemselves() throws IOException {
        // from_type(from_type, T, (from_type, T, (...))): a call within a call within a call.
        String wrap = "q\1" + "0(h\0Nh\1Nt";
        assertRefused(
                "rebuilt by a known function",
                "ctorch._tensor\n_rebuild_from_type_v2\nq\0)" + wrap.repeat(10_000) + "R.");
    }

    @Test
    void chargesEveryStepToABudget() throws IOException {
        for (String opcodes :
                List.of(
                        "]0".repeat(1_000_000) + "}.",
                        "}q\0".repeat(1_000_000) + ".",
                        "(".repeat(2_000_000) + ".",
                        "]" + "K\0a".repeat(1_000_000) + ".",
                        // A dictionary of 10,000 pairs, again and again.
                        "ccollections\nOrderedDict\nq\0"
                                + "]"
                                + "NN\u0086a".repeat(10_000)
                                + "\u0085q\1R"
                                + "0h\0h\1R".repeat(10_000)
                                + ".")) {
            Path file = PickleBytes.zip(folder.resolve("budget.pt"), opcodes);
            Optional<String> refused = Harmless.readWithinBudget(file, "a bomb");
            assertTrue(refused.orElse("").contains("bytes of memory, found more"), refused + "");
        }
    }

    @Test
    void refusesZipsThatAreNotPlain() throws IOException {
        byte[] pickle = PickleBytes.bytes("}" + text("w") + tensor() + "s.");
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", pickle);
        entries.put("a/data/0", new byte[16]);
        Path file = folder.resolve("plain.pt");
        // A zip bomb: a megabyte a kilobyte.
        Map<String, byte[]> bomb = Map.of("a/data.pkl", new byte[1 << 24]);
        PickleBytes.zip(file, bomb, ZipEntry.DEFLATED);
        assertRefused("\"a/data.pkl\" must be uncompressed", file);
        // Names that would lead out of a folder lead nowhere.
        for (String name : List.of("../../escape", "/etc/escape", "C:\\escape", "a/../data.pkl")) {
            entries.put(name, new byte[1]);
        }
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertEquals(Optional.empty(), Harmless.read(file, "names"));
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.allMatch(path -> path.toString().endsWith(".pt")));
        }
        entries.put("b/data.pkl", pickle);
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("one folder that holds data.pkl, found 2", file);
        entries.remove("b/data.pkl");
        entries.put("a/constants.pkl", pickle);
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("refused a TorchScript archive", file);
        entries.remove("a/constants.pkl");
        entries.put("a/data/0", new byte[15]);
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("must be 16 uncompressed bytes in the zip file, found 15 bytes", file);
        entries.remove("a/data/0");
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("must be 16 uncompressed bytes in the zip file, found none", file);
        entries.remove("a/data.pkl");
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("one folder that holds data.pkl, found 0", file);
    }

    @Test
    void readsStoragesOfTheOtherByteOrder() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", PickleBytes.bytes("}" + text("w") + tensor() + "s."));
        entries.put("a/byteorder", PickleBytes.bytes("big"));
        byte[] storage = new byte[16];
        storage[0] = 0x3f;
        storage[1] = (byte) 0x80;
        entries.put("a/data/0", storage);
        Path file = PickleBytes.zip(folder.resolve("big.pt"), entries, ZipEntry.STORED);
        try (StateDict dict = StateDict.open(file)) {
            assertEquals(1f, dict.floats("w")[0]);
        }
        entries.put("a/byteorder", PickleBytes.bytes("middle"));
        PickleBytes.zip(file, entries, ZipEntry.STORED);
        assertRefused("byteorder must be little or big", file);
    }

    @Test
    void tellsForeignFiles() throws IOException {
        assertForeign("a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n");
        assertForeign("HDF5", "\u0089HDF\r\n\u001a\n");
        assertForeign("a pickle that torch.save did not write", "\u0080\4}.");
        assertForeign("a NumPy array", "\u0093NUMPY\1\0");
        assertForeign("a web page", "<!DOCTYPE html>");
        assertForeign("must hold tensors, found an empty file", "");
        assertForeign("a file that begins with \"hello\"", "hello");
    }

    private void assertForeign(String message, String contents) throws IOException {
        assertRefused(message, Files.write(folder.resolve("foreign"), PickleBytes.bytes(contents)));
    }

    private Optional<String> read(String opcodes) throws IOException {
        return Harmless.read(PickleBytes.zip(folder.resolve("hostile.pt"), opcodes), opcodes);
    }

    private void assertLoads(String opcodes) throws IOException {
        assertEquals(Optional.empty(), read(opcodes));
    }

    private void assertRefused(String message, String opcodes) throws IOException {
        assertRefused(message, PickleBytes.zip(folder.resolve("hostile.pt"), opcodes));
        // Storages end a legacy file; what comes before them is read alike.
        Path legacy = PickleBytes.legacy(folder.resolve("hostile-legacy.pt"), opcodes);
        assertTrue(Harmless.read(legacy, opcodes).isPresent());
    }

    private static void assertRefused(String message, Path file) throws IOException {
        String refused = Harmless.read(file, message).orElse("nothing was refused");
        assertTrue(refused.contains(message), refused);
    }
}
