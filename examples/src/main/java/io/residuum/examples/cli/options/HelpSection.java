package io.residuum.examples.cli.options;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the section of the usage help that lists an option or a command. On a class of options, it
 * holds for all of them that have no section themselves.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.FIELD, ElementType.METHOD})
public @interface HelpSection {
    /** {@return the heading, without a colon} */
    String value();

    /** The section of files with weights, and of how to read them. */
    String WEIGHTS = "Weights and tokenizer";

    /** The section of the data. */
    String DATA = "Data";

    /** The section of the length and the course of a training. */
    String TRAINING = "Training";

    /** The section of the optimizer. */
    String OPTIMIZER = "Optimizer";

    /** The section of what is trained. */
    String FINE_TUNING = "Fine-tuning";

    /** The section of engines, precision and memory. */
    String ENGINE = "Engine, precision and memory";

    /** The section of options that all commands have. */
    String GENERAL = "General";
}
