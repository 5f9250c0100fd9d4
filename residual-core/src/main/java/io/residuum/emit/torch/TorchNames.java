package io.residuum.emit.torch;

import java.util.Set;

/** Checks names for TorchScript. */
final class TorchNames {
    /** The reserved words of TorchScript and its modules. */
    private static final Set<String> RESERVED =
            Set.of(
                    ("and as assert async await break class continue def del elif else except"
                                    + " finally for from global if import in is lambda nonlocal"
                                    + " not or pass raise return try while with yield False None"
                                    + " True self torch ops forward training float int bool")
                            .split(" "));

    private TorchNames() {}

    static boolean isUsable(String name) {
        return name.matches("[A-Za-z_]\\w*") && !RESERVED.contains(name);
    }
}
