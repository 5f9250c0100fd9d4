package io.residuum.spec;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Generates a builder for a record {@code X}: {@code XBuilder}, with a method per component. {@code
 * XBuilder.With}, which the record implements, has {@code withName(value)} per component for copies
 * that differ in one, and {@code with()} for a builder that starts from the record.
 *
 * <p>A generated builder starts empty: {@link io.residuum.spec.json.Defaults#fill} sets the
 * components that have a {@link Default}.
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
