package io.residuum.spec;

import io.residuum.ResiduumException;
import io.residuum.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An invalid spec. The message names the invariant, the value found and the fix. For a spec from a
 * file it begins with {@code file:line: $.path: }. For a layer that cannot be built it begins with
 * the layer's dotted path.
 */
public final class SpecException extends ResiduumException {
    private final String path;
    private final String detail;
    private final transient List<LayerSpec> trail;

    /**
     * Creates an exception.
     *
     * @param message the invariant, the value found and the fix
     */
    public SpecException(String message) {
        this("", message, List.of(), null);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message the invariant, the value found and the fix
     * @param cause the underlying failure
     */
    public SpecException(String message, Throwable cause) {
        this("", message, List.of(), cause);
    }

    /** Creates an exception from a failure to read a JSON document. */
    public SpecException(JsonException e) {
        this(String.valueOf(e.getMessage()), e);
    }

    private SpecException(
            String path, String detail, List<LayerSpec> trail, @Nullable Throwable cause) {
        super(path.isEmpty() ? detail : path + ": " + detail, cause);
        this.path = path;
        this.detail = detail;
        this.trail = List.copyOf(trail);
    }

    /**
     * {@return the failure as the parent reports it that builds {@code spec} under {@code name}}
     */
    static SpecException within(String name, LayerSpec spec, RuntimeException e) {
        if (e instanceof ArithmeticException) {
            String detail =
                    "sizes must be below 2^31 and counts below 2^63, got larger ones (%s): use smaller sizes"
                            .formatted(e.getMessage());
            return new SpecException(name, detail, List.of(spec), e);
        }
        if (!(e instanceof SpecException inner)) {
            return new SpecException(name, String.valueOf(e.getMessage()), List.of(spec), e);
        }
        List<LayerSpec> trail = new ArrayList<>(inner.trail);
        trail.add(spec);
        String path = inner.path.isEmpty() ? name : name + "." + inner.path;
        return new SpecException(path, inner.detail, trail, e);
    }

    /** {@return the message without the location: the invariant, the value found and the fix} */
    public String detail() {
        return detail;
    }

    /** {@return the layers being built when it failed, innermost first; empty if none was} */
    public List<LayerSpec> trail() {
        return trail;
    }
}
