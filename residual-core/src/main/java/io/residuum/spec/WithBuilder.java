package io.residuum.spec;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Generates a builder {@code XBuilder} for a record {@code X}, with a method per component. The
 * record implements {@code XBuilder.With}. It has {@code withName(value)} per component, which
 * copies the record with another value, and {@code with()}, which returns a builder that starts
 * from the record.
 *
 * <p>A new builder is empty. {@link io.residuum.spec.json.Defaults#fill} sets the components that
 * have a {@link Default}.
 */
@RecordBuilder.Template(
        options =
                @RecordBuilder.Options(
                        addClassRetainedGenerated = true,
                        addStaticBuilder = false,
                        enableGetters = false,
                        inheritComponentAnnotations = false))
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.SOURCE)
public @interface WithBuilder {}
