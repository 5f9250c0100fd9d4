package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.Options;
import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import io.residuum.train.Recipe;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The part of the training data that an evaluation takes if the data have no test part.
 *
 * @param asked the value of {@code --validation}
 */
public record HeldOut(OptionalDouble asked) {

    /**
     * {@return the value of the option of a command}
     *
     * @param validation the value, in (0, 1); null if it was not given
     */
    public static HeldOut of(CommandSpec command, @Nullable Double validation) {
        if (validation == null) {
            return new HeldOut(OptionalDouble.empty());
        }
        if (!(validation > 0 && validation < 1)) {
            throw Options.wrong(command, "--validation must be in (0, 1), got " + validation);
        }
        return new HeldOut(OptionalDouble.of(validation));
    }

    /**
     * Requires that the option was not given.
     *
     * @param data the value of {@code --data}, which is evaluated whole
     */
    void refuse(String data) {
        if (asked.isPresent()) {
            throw new SpecException(
                    "--validation is for data without a test or validation part, but %s is evaluated whole: leave the option out"
                            .formatted(data));
        }
    }

    /**
     * {@return the share that was asked for, that the model was trained with, or the default}
     *
     * @param model the model to evaluate
     */
    public double share(ModelSource model) {
        return asked.orElseGet(
                () -> model.metadata().heldOut().orElse(Recipe.defaults().validation()));
    }

    /**
     * {@return a line for people about what is evaluated; empty if the data have a part for it}
     *
     * @param data the value of {@code --data}
     * @param heldOut the share that the opened data hold out; empty if they have a validation part
     * @param hasTest true if the data have a test part
     * @throws SpecException if nothing is held out, or if the option does not apply
     */
    String note(ModelSource model, String data, OptionalDouble heldOut, boolean hasTest) {
        if (hasTest || heldOut.isEmpty()) {
            if (asked.isPresent()) {
                throw new SpecException(
                        "--validation is for data without a test or validation part, but %s has one: leave the option out"
                                .formatted(data));
            }
            return "";
        }
        double share = heldOut.getAsDouble();
        if (share == 0) {
            throw new SpecException(
                    "%s has no test or validation part, and the training of %s held out nothing: give test data, or a share of the data with --validation"
                            .formatted(data, model.label()));
        }
        String reason =
                asked.isPresent()
                        ? "--validation asks for"
                        : model.metadata().heldOut().isPresent()
                                ? "the model's training held out"
                                : "training holds out by default";
        return "; no test part: the share %s is evaluated, which %s".formatted(share, reason);
    }
}
