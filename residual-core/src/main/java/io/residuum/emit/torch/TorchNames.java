package io.residuum.emit.torch;

import java.util.Set;

/** Names that TorchScript allows. */
final class TorchNames {
    /** Words that TorchScript or its modules use themselves. */
    private static final Set<String> RESERVED =
            Set.of(
                    "and",
                    "as",
                    "assert",
                    "async",
                    "await",
                    "break",
                    "class",
                    "continue",
                    "def",
                    "del",
                    "elif",
                    "else",
                    "except",
                    "finally",
                    "for",
                    "from",
                    "global",
                    "if",
                    "import",
                    "in",
                    "is",
                    "lambda",
                    "nonlocal",
                    "not",
                    "or",
                    "pass",
                    "raise",
                    "return",
                    "try",
                    "while",
                    "with",
                    "yield",
                    "False",
                    "None",
                    "True",
                    "self",
                    "torch",
                    "ops",
                    "forward",
                    "training",
                    "float",
                    "int",
                    "bool");

    private TorchNames() {}

    static boolean isUsable(String name) {
        return name.matches("[A-Za-z_]\\w*") && !RESERVED.contains(name);
    }
}
