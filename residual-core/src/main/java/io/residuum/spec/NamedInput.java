package io.residuum.spec;

import io.residuum.nn.SideInput;

/**
 * One of several inputs.
 *
 * @param name the name of its array
 * @param input the kind and shape of the array
 */
public record NamedInput(String name, @Inline InputSpec input) {
    public NamedInput {
        Check.that(
                !name.isBlank() && !name.contains("."),
                "name must not be blank or contain a dot, got \"%s\"",
                name);
        Check.that(
                !(input instanceof InputSpec.Several),
                "input must be one array, got several: list all inputs side by side");
    }

    /** {@return the side input that networks read after their first input} */
    SideInput sideInput() {
        SideInput optional =
                input instanceof InputSpec.Tokens tokens
                        ? SideInput.ids(name, tokens.vocabulary())
                        : SideInput.numbers(name);
        return optional.asRequired();
    }
}
